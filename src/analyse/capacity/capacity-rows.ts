// What remains, as series, so that graphs, sinks and Grafana have it.
import type { Row } from "../../model/batch.ts";
import type { CapacityDocument, CapacityLine, ScopeCapacity } from "../../model/capacity.ts";
import { type ClusterId, parseEntityId, scopeEntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import { secondsUntilFull } from "./time-remaining.ts";

const stepS = 3_600;

export function capacityRows(cluster: ClusterId, document: CapacityDocument, nowMs: number): readonly Row[] {
  const { failures } = document;
  const mayFail = failures.filter(({ verdict }) => verdict === "yes" || verdict === "with-work").length;
  const scopes = [document.cluster, ...document.nodes, ...document.storages];
  return scopes.map((scope) => ({
    id: scopeEntityId(cluster, scope.kind, keyOf(scope)),
    ts: nowMs,
    stepS,
    origin: "analysis",
    node: null,
    values: {
      ...valuesOf(scope),
      ...(scope.kind === "cluster" ? { nodes_may_fail: mayFail, nodes_judged: failures.length } : {}),
    },
  }));
}

/** As the entity's own; `@rbd ssd` where a storage has several parts. */
function keyOf({ kind, id, part }: ScopeCapacity): string {
  if (kind === "cluster") return "";
  const key = parseEntityId(id)?.key ?? "";
  return part === "" ? key : `${key} ${part}`;
}

function valuesOf({ lines, guestsRemaining }: ScopeCapacity): Readonly<Record<MetricId, number | null>> {
  const values: Record<MetricId, number | null> = { guests_remaining: guestsRemaining?.count ?? null };
  for (const line of lines) Object.assign(values, valuesOfLine(line));
  return values;
}

/** What is over has nothing left: 0, because a metric of bytes cannot be below. */
function valuesOfLine({ resource, remaining, time }: CapacityLine): Readonly<Record<MetricId, number | null>> {
  const left = remaining === null ? null : Math.max(0, remaining);
  const seconds = secondsUntilFull(time);
  switch (resource) {
    case "cpu":
      return { cpu_remaining_cores: left, cpu_seconds_until_full: seconds };
    case "memory":
      return { mem_remaining_bytes: left, mem_seconds_until_full: seconds };
    case "storage":
      return { storage_remaining_bytes: left, storage_seconds_until_full: seconds };
  }
}
