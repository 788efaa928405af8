// Puts together what somebody needs to find out what is wrong, without secrets.
import type { Command } from "../command.ts";
import type { Check } from "../doctor.ts";
import { configOption, serviceOptions } from "../shared-options.ts";

export const supportBundleWith = (checks: readonly Check[]): Command => ({
  name: "support-bundle",
  summary: "Write a bundle for support: versions, configuration, problems, metrics, log and doctor, without secrets",
  operand: { name: "<file>", summary: "File to write, a tar.gz" },
  examples: ["pilothouse support-bundle support.tar.gz", "pilothouse support-bundle support.tar.gz --with-names"],
  permission: "system:admin",
  options: [
    { flags: "--with-names", summary: "Leave the names of guests as they are, instead of hashes" },
    { flags: "--force", summary: "Replace the file if it exists" },
    configOption,
    ...serviceOptions,
  ],
  givesData: true,
  async run(context) {
    return (await import("../support/run-support-bundle.ts")).runSupportBundle(context, checks);
  },
});
