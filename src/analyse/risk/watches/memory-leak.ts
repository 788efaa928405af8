// Reads the memory of running guests in quarters of a day: what is available by the guest agent, else what PVE tells.
import type { LiveEntity } from "../../../model/fleet.ts";
import type { EntityId } from "../../../model/ids.ts";
import { memSources } from "../../../model/metrics.ts";
import type { AnalysisContext } from "../../context.ts";
import { noPoints, type Points } from "../numbers/points.ts";
import { readPoints } from "../read-points.ts";
import { defineRule, type Judgement, looked } from "../rule.ts";
import { bucketMs, judgeLeak, lookBackMs } from "../rules/memory-leak.ts";

export const memoryLeak = defineRule({
  id: "memory-leak",
  title: "Memory",
  summary: "Memory of each guest that runs: whether it only ever rises, from the fourth day on",
  kinds: ["memory-leak"],
  pace: "trends",
  async look(context) {
    const guests = context.fleet.list("guest").filter(isMeasurable);
    const byAgent = guests.filter(({ values }) => values["guest_mem_available_bytes"] !== undefined);
    const others = guests.filter((guest) => !byAgent.includes(guest));
    const starts = await startsOf(context, guests);
    const judged: Judgement[] = [];
    for (const { list, metric, aggregation } of [
      { list: byAgent, metric: "guest_mem_available_bytes", aggregation: "max" },
      { list: others, metric: "mem_used_bytes", aggregation: "min" },
    ] as const) {
      const points = await readPoints(context.store, { ...windowOf(context, list), metric, aggregation });
      for (const guest of list) {
        const found = points.get(guest.entity.id) ?? noPoints;
        judged.push(judgedFrom(context, guest, metric, found, starts.get(guest.entity.id) ?? []));
      }
    }
    return looked(judged);
  },
});

/** PVE tells the host's view for a VM without balloon driver: its process never gives memory back, and that is no leak. */
function isMeasurable({ entity, values }: LiveEntity): boolean {
  if (entity.kind !== "guest" || entity.template || entity.status !== "running") return false;
  const source = memSources[values["mem_source"] ?? 0];
  return values["guest_mem_available_bytes"] !== undefined || source === "guest" || source === "cgroup";
}

const windowOf = ({ nowMs }: AnalysisContext, guests: readonly LiveEntity[]) => ({
  ids: guests.map(({ entity }) => entity.id),
  fromMs: Math.ceil((nowMs - lookBackMs) / bucketMs) * bucketMs,
  // The quarter of a day that is under way has not seen its lowest value.
  toMs: Math.floor(nowMs / bucketMs) * bucketMs,
  stepMs: bucketMs,
});

/** Quarters of a day in which the guest's process began anew. */
async function startsOf(context: AnalysisContext, guests: readonly LiveEntity[]): Promise<Map<EntityId, number[]>> {
  const query = { ...windowOf(context, guests), metric: "uptime_seconds", aggregation: "min" } as const;
  const starts = new Map<EntityId, number[]>();
  for (const [id, { atMs, values }] of await readPoints(context.store, query)) {
    starts.set(
      id,
      atMs.filter((_, place) => place > 0 && (values[place] ?? 0) < (values[place - 1] ?? 0)),
    );
  }
  return starts;
}

function judgedFrom(
  { nowMs }: AnalysisContext,
  { entity, values }: LiveEntity,
  metric: "guest_mem_available_bytes" | "mem_used_bytes",
  points: Points,
  startsMs: readonly number[],
): Judgement {
  const byAgent = metric === "guest_mem_available_bytes";
  const totalBytes = values[byAgent ? "guest_mem_total_bytes" : "mem_total_bytes"] ?? 0;
  const used = byAgent ? usedFrom(points, totalBytes) : points;
  const withoutCache = byAgent || (entity.kind === "guest" && entity.type === "lxc");
  return judgeLeak(
    { cluster: entity.cluster, guest: entity.id, name: entity.name, metric, used, totalBytes, startsMs, withoutCache },
    nowMs,
  );
}

/** A quarter in which the guest was off has no use of memory. */
const usedFrom = ({ atMs, values }: Points, totalBytes: number): Points => ({
  atMs,
  values: values.map((available) => totalBytes - available),
});
