// The configuration can be read and is right.
import { type Check, fail, ok } from "../doctor.ts";

export const configuration: Check = {
  name: "configuration",
  summary: "The configuration can be read and is right",
  worksWithoutConfig: true,
  run({ configError, file, settings }) {
    if (configError !== null) {
      return configError.message
        .split("\n")
        .map((problem) => fail("", problem, "correct it; check with: pilothouse check-config"));
    }
    const { length } = settings.clusters;
    return [ok(file ?? "", `good, ${length} ${length === 1 ? "cluster" : "clusters"}`)];
  },
};
