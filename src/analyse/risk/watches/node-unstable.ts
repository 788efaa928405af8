// Reads restarts, fences, tasks and memory pressure of each node.
import type { Event } from "../../../model/event.ts";
import type { FactChange } from "../../../model/facts.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { NodeEntity } from "../../../model/inventory.ts";
import type { AnalysisContext } from "../../context.ts";
import { textIn } from "../clusters.ts";
import { dayMs, type Points } from "../numbers/points.ts";
import { readPoints } from "../read-points.ts";
import { defineRule, looked } from "../rule.ts";
import { judgeNode, lookBackMs } from "../rules/node-unstable.ts";

const mostEvents = 10_000;
const mostChanges = 1000;
/** A node that is shut down in order stops its guests first (task stopall), and is up again not long after. */
const shutdownMs = 2 * 3_600_000;
const hourMs = 3_600_000;

export const nodeUnstable = defineRule({
  id: "node-unstable",
  title: "Nodes",
  summary: "Restarts without a shutdown, fences, failing tasks and memory pressure of each node",
  kinds: ["node-unstable"],
  pace: "hourly",
  async look(context) {
    const { fleet, store, events, history, nowMs } = context;
    const nodes = fleet.list("node").flatMap(({ entity }) => (entity.kind === "node" ? [entity] : []));
    const window = { ids: nodes.map(({ id }) => id), fromMs: nowMs - lookBackMs, toMs: nowMs, stepMs: hourMs } as const;
    const uptime = await readPoints(store, { ...window, metric: "uptime_seconds", aggregation: "last" });
    const memory = await readPoints(store, {
      ...window,
      fromMs: nowMs - dayMs,
      metric: "psi_memory_full_percent",
      aggregation: "avg",
    });
    const tasks = await events.query({
      cluster: context.cluster,
      fromMs: window.fromMs,
      toMs: nowMs,
      topics: ["task"],
      limit: mostEvents,
    });
    const fences = (await history.changes({ kind: "ha_service", limit: mostChanges })).filter(isFence(context));
    return looked(
      nodes.map((node) => {
        const own = tasks.filter((task) => task.cluster === node.cluster && task.node === node.name);
        return judgeNode(
          {
            cluster: node.cluster,
            subject: node.id,
            name: node.name,
            restartsMs: restartsOf(uptime.get(node.id)).filter((atMs) => !wasShutDown(own, atMs)),
            fencesMs: fencesOf(context, fences, node),
            tasks: endedOf(own, nowMs),
            memoryFullPercent: meanOf(memory.get(node.id)),
          },
          nowMs,
        );
      }),
    );
  },
});

/** When the node was started, as often as its uptime fell. */
export function restartsOf(uptime: Points | undefined): readonly number[] {
  if (uptime === undefined) return [];
  return uptime.values.flatMap((seconds, place) =>
    place > 0 && seconds < (uptime.values[place - 1] ?? 0) ? [(uptime.atMs[place] ?? 0) + hourMs - 1000 * seconds] : [],
  );
}

const wasShutDown = (tasks: readonly Event[], startedAt: number): boolean =>
  tasks.some(({ type, at }) => type === "stopall" && at <= startedAt + hourMs && startedAt - at <= shutdownMs);

const isFence =
  ({ nowMs }: AnalysisContext) =>
  ({ at, after }: FactChange): boolean =>
    nowMs - at <= lookBackMs && after !== null && textIn(after, "state") === "fence";

/** Several services fenced with their node within an hour are one fence. */
function fencesOf({ facts }: AnalysisContext, fences: readonly FactChange[], node: NodeEntity): readonly number[] {
  const nodeOf = ({ subject, key, before, after }: FactChange): string | null =>
    textIn(before ?? {}, "node") ??
    textIn(after ?? {}, "node") ??
    textIn(facts.list("ha_service").find((fact) => fact.subject === subject && fact.key === key)?.fields ?? {}, "node");
  const clusterOf = (id: EntityId): string => id.slice(0, id.indexOf("/"));
  const times = fences
    .filter((change) => clusterOf(change.subject) === node.cluster && nodeOf(change) === node.name)
    .map(({ at }) => at)
    .sort((a, b) => a - b);
  return times.filter((at, place) => place === 0 || at - (times[place - 1] ?? 0) > hourMs);
}

function endedOf(tasks: readonly Event[], nowMs: number): { readonly ended: number; readonly failed: number } {
  const ended = tasks.filter(({ type, endedAt }) => type !== "vzdump" && endedAt !== null && nowMs - endedAt <= dayMs);
  return { ended: ended.length, failed: ended.filter(({ state }) => state === "failed").length };
}

function meanOf(points: Points | undefined): number | null {
  if (points === undefined) return null;
  return points.values.reduce((sum, value) => sum + value, 0) / points.values.length;
}
