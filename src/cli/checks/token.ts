// The cluster accepts the token.
import { type Check, eachCluster, ok } from "../doctor.ts";

export const token: Check = {
  name: "token",
  summary: "The clusters accept the token",
  async run(context) {
    return eachCluster(context, "correct token and trust of the cluster, or run: pilothouse init", async (probe) => {
      await probe.version();
      return [ok(probe.settings.id, `${probe.settings.token.id} is accepted`)];
    });
  },
};
