// Looks at everything that has to be right, and says how to mend what is not.
import type { Command } from "../command.ts";
import type { Check } from "../doctor.ts";
import { configOption, serviceOptions } from "../shared-options.ts";

export const doctorWith = (checks: readonly Check[]): Command => ({
  name: "doctor",
  summary: "Check everything that has to be right, and say how to mend what is not",
  examples: ["pilothouse doctor", "pilothouse doctor --json"],
  permission: "local",
  options: [configOption, ...serviceOptions],
  givesData: true,
  async run(context) {
    return (await import("../run-doctor.ts")).runDoctor(context, checks);
  },
});
