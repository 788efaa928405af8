// Reads the wear of each SSD, a value a day.
import type { HeldFact } from "../../../model/facts.ts";
import { diskEntityId } from "../../../model/ids.ts";
import { clusterOf, nameOf, numberIn, textIn } from "../clusters.ts";
import { dayMs, noPoints } from "../numbers/points.ts";
import { readPoints } from "../read-points.ts";
import { defineRule, looked } from "../rule.ts";
import { judgeWear } from "../rules/disk-wear.ts";

const lookBackMs = 180 * dayMs;

export const diskWear = defineRule({
  id: "disk-wear",
  title: "Wear of SSDs",
  summary: "Wearout of each SSD, and when 10 % of its rated writes are left",
  kinds: ["disk-wear"],
  pace: "trends",
  async look(context) {
    const { facts, store, nowMs } = context;
    const disks = facts.list("disk").filter(({ fields }) => numberIn(fields, "wear_percent") !== null);
    const idOf = ({ subject, key }: HeldFact): string =>
      diskEntityId(clusterOf(subject), subject.slice(subject.lastIndexOf("/") + 1), key);
    const wear = await readPoints(store, {
      ids: disks.map(idOf),
      metric: "wear_percent",
      aggregation: "last",
      fromMs: nowMs - lookBackMs,
      toMs: nowMs,
      stepMs: dayMs,
    });
    return looked(
      disks.map((disk) =>
        judgeWear(
          {
            cluster: clusterOf(disk.subject),
            subject: disk.subject,
            nodeName: nameOf(context, disk.subject),
            disk: idOf(disk),
            key: disk.key,
            device: textIn(disk.fields, "device") ?? disk.key,
            model: textIn(disk.fields, "model"),
            wear: wear.get(idOf(disk)) ?? noPoints,
          },
          nowMs,
        ),
      ),
    );
  },
});
