// The cluster accepts the token, or the password where there is none.
import { accountOf } from "../../config/settings.ts";
import { type Check, eachCluster, ok } from "../doctor.ts";

export const token: Check = {
  name: "token",
  summary: "The clusters accept the token",
  async run(context) {
    return eachCluster(
      context,
      "correct token (or login) and trust of the cluster, or run: pilothouse init",
      async (probe) => {
        await probe.version();
        return [ok(probe.settings.id, `${accountOf(probe.settings.access)} is accepted`)];
      },
    );
  },
};
