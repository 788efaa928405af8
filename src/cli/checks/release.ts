// The cluster's release is one that we can watch well.
import { type Check, eachCluster, fail, ok, warn } from "../doctor.ts";

export const release: Check = {
  name: "release",
  summary: "The releases are supported",
  async run(context) {
    const { capabilitiesOf, requireSupported } = await import("../../pve/index.ts");
    return eachCluster(context, "upgrade Proxmox VE", async ({ version: ask, settings: { id, endpoints } }) => {
      const { version } = await ask();
      try {
        requireSupported(version, endpoints[0] ?? id);
      } catch {
        return [fail(id, `Proxmox VE ${version} is too old`, "upgrade Proxmox VE to 8.2.5 or newer")];
      }
      if (capabilitiesOf(version).metricsExport) return [ok(id, `Proxmox VE ${version}`)];
      return [
        warn(
          id,
          `Proxmox VE ${version} has no metrics export: coarser samples`,
          "upgrade Proxmox VE to 8.2.5 or newer",
        ),
      ];
    });
  },
};
