// Reads what the rule of failing disks needs: the newest facts of each disk, and its counts of the last ninety days.
import type { HeldFact } from "../../../model/facts.ts";
import type { EntityId } from "../../../model/ids.ts";
import { diskEntityId } from "../../../model/ids.ts";
import type { AnalysisContext } from "../../context.ts";
import { clusterOf, nameOf, numberIn, textIn, wordsIn } from "../clusters.ts";
import { dayMs, type Points } from "../numbers/points.ts";
import { readPoints } from "../read-points.ts";
import { defineRule, looked } from "../rule.ts";
import { type DiskReading, type ErrorMetric, errorMetrics, judgeDisk } from "../rules/disk-errors.ts";

const lookBackMs = 90 * dayMs;

export const diskErrors = defineRule({
  id: "disk-errors",
  title: "Disks",
  summary: "SMART verdict, counts 5, 187, 188, 197 and 198, NVMe spare and warnings of each disk",
  kinds: ["disk-failing"],
  pace: "hourly",
  async look(context) {
    // A disk that PVE tells nothing of (behind a RAID controller) cannot be watched, and is not counted.
    const disks = context.facts.list("disk").filter(({ fields }) => textIn(fields, "smart") !== null);
    const counts = await countsOf(context, disks.map(seriesOf));
    return looked(
      disks.map((disk) => judgeDisk(readingOf(context, disk, counts.get(seriesOf(disk)) ?? {}), context.nowMs)),
    );
  },
});

const seriesOf = ({ subject, key }: HeldFact): EntityId =>
  diskEntityId(clusterOf(subject), subject.slice(subject.lastIndexOf("/") + 1), key);

type Counts = Partial<Record<ErrorMetric, Points>>;

async function countsOf({ store, nowMs }: AnalysisContext, ids: readonly EntityId[]): Promise<Map<EntityId, Counts>> {
  const all = new Map<EntityId, Counts>();
  for (const metric of errorMetrics) {
    const query = {
      ids,
      metric,
      aggregation: "last",
      fromMs: nowMs - lookBackMs,
      toMs: nowMs,
      stepMs: dayMs / 24,
    } as const;
    for (const [id, points] of await readPoints(store, query)) all.set(id, { ...all.get(id), [metric]: points });
  }
  return all;
}

function readingOf(context: AnalysisContext, { subject, key, fields }: HeldFact, counts: Counts): DiskReading {
  const spare = numberIn(fields, "spare_percent");
  const threshold = numberIn(fields, "spare_threshold_percent");
  return {
    cluster: clusterOf(subject),
    subject,
    nodeName: nameOf(context, subject),
    disk: seriesOf({ subject, key } as HeldFact),
    key,
    device: textIn(fields, "device") ?? key,
    model: textIn(fields, "model"),
    type: textIn(fields, "type"),
    verdict: textIn(fields, "smart"),
    failingAttributes: wordsIn(fields, "failing_attributes"),
    spare: spare === null || threshold === null ? null : { percent: spare, threshold },
    criticalWarning: numberIn(fields, "critical_warning"),
    counts,
  };
}
