// The nodes' clocks agree with ours: samples carry the time of the node that measured.
import type { ExportPoints } from "../../pve/index.ts";
import { type Check, eachCluster, type Finding, ok, warn } from "../doctor.ts";

/** A sample is up to 10 s old when it is handed out, and 10 s more under load. */
const usualAgeS = 20;
const toleratedS = 30;

export const clockSkew: Check = {
  name: "clock",
  summary: "The clusters' clocks agree with ours",
  async run(context) {
    const { capabilitiesOf, metricsExport } = await import("../../pve/index.ts");
    return eachCluster(context, "the token needs Sys.Audit on /", async (probe) => {
      const { id } = probe.settings;
      if (!capabilitiesOf((await probe.version()).version).metricsExport) return [];
      const now = Math.floor(context.clock.now() / 1000);
      const { data } = await metricsExport(probe.pve, { localOnly: false, history: false });
      const skews = [...newestByNode(data)].map(([node, newest]) => [node, skewOf(newest, now)] as const);
      const wrong = skews.filter(([, skewS]) => Math.abs(skewS) > toleratedS);
      if (wrong.length > 0) return wrong.map(([node, skewS]) => skewed(`${id} ${node}`, skewS));
      return skews.length === 0 ? [] : [ok(id, `all within ${toleratedS} s of ours`)];
    });
  },
};

/** Negative: behind. What a sample's usual age explains is no skew. */
function skewOf(newest: number, now: number): number {
  return newest > now ? newest - now : Math.min(0, newest + usualAgeS - now);
}

function skewed(subject: string, skewS: number): Finding {
  const direction = skewS > 0 ? "ahead of" : "behind";
  const message = `its clock or its newest sample is ${Math.abs(skewS)} s ${direction} our clock`;
  return warn(subject, message, "on both machines: timedatectl; on the node: systemctl status pvestatd chrony");
}

function newestByNode({ ids, idIndex, timestampS }: ExportPoints): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const [point, timestamp] of timestampS.entries()) {
    const id = ids[idIndex[point] ?? 0] ?? "";
    if (id.startsWith("node/")) newest.set(id, Math.max(newest.get(id) ?? 0, timestamp));
  }
  return newest;
}
