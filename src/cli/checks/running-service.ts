// A service runs on the data directory and answers.
import { describeError } from "../../lib/errors.ts";
import { type Check, fail, ok, warn } from "../doctor.ts";

export const runningService: Check = {
  name: "service",
  summary: "The service runs and answers the command line",
  async run({ settings: { dataDir }, serviceStatus }) {
    try {
      const status = await serviceStatus();
      if (status === null) return [warn(dataDir, "no service runs", "pilothouse serve")];
      const url = typeof status["url"] === "string" ? ` on ${status["url"]}` : "";
      return [ok(dataDir, `a service runs${url}`)];
    } catch (error) {
      return [fail(dataDir, describeError(error), "restart the service")];
    }
  },
};
