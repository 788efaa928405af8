// Reads the newest facts of each ZFS pool, and what its devices said a week ago.
import type { HeldFact } from "../../../model/facts.ts";
import { poolEntityId } from "../../../model/ids.ts";
import type { AnalysisContext } from "../../context.ts";
import { clusterOf, nameOf, numberIn, textIn, wordsIn } from "../clusters.ts";
import { dayMs } from "../numbers/points.ts";
import { defineRule, looked } from "../rule.ts";
import { judgePool } from "../rules/zfs-health.ts";

const lookBackMs = 7 * dayMs;
const mostChanges = 200;

export const zfsHealth = defineRule({
  id: "zfs-health",
  title: "ZFS",
  summary: "Health, errors of data and devices, and fragmentation of each ZFS pool",
  kinds: ["zfs-degraded", "zfs-errors", "zfs-fragmented"],
  pace: "hourly",
  async look(context) {
    const judged = context.facts.list("zfs_pool").map(async (fact) => {
      const { subject, fields } = fact;
      const pool = textIn(fields, "pool") ?? fact.key;
      return judgePool({
        cluster: clusterOf(subject),
        subject,
        nodeName: nameOf(context, subject),
        series: poolEntityId(clusterOf(subject), nameOf(context, subject), "zfs", pool),
        pool,
        health: textIn(fields, "health"),
        errors: textIn(fields, "errors"),
        failingDevices: wordsIn(fields, "failing_devices"),
        devicesBefore: await devicesBefore(context, fact),
        fragmentationPercent: numberIn(fields, "fragmentation_percent"),
      });
    });
    return looked(await Promise.all(judged));
  },
});

/** What the devices said before the first change of the last week. */
async function devicesBefore({ history, nowMs }: AnalysisContext, { subject, key, kind }: HeldFact) {
  const changes = await history.changes({ subject, kind, limit: mostChanges });
  const within = changes.filter(
    (change) =>
      change.key === key && nowMs - change.at <= lookBackMs && change.before?.["failing_devices"] !== undefined,
  );
  const first = within.at(-1)?.before;
  return first === undefined || first === null ? null : wordsIn(first, "failing_devices");
}
