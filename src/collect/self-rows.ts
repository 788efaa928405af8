// Rows about our own asking (up, age, duration per target) and the few numbers of a cluster as a whole.
import { type ClusterId, clusterEntityId, targetEntityId } from "../model/ids.ts";
import type { RowTarget } from "./row-target.ts";

export interface TargetReading {
  /** A node, or "@cluster" for the calls that are about all of it. */
  readonly target: string;
  readonly up: boolean;
  readonly durationMs: number;
  readonly receivedBytes?: number;
  /** Age of the newest sample that is held from the target. */
  readonly ageMs?: number;
  readonly clockSkewS?: number;
}

export function addTargetRow(
  target: RowTarget,
  cluster: ClusterId,
  ts: number,
  stepS: number,
  reading: TargetReading,
): void {
  const builder = target.builder("target");
  const row = builder.row(targetEntityId(cluster, reading.target), ts, stepS, "self", null);
  builder.set(row, "up", reading.up ? 1 : 0);
  builder.set(row, "duration_seconds", reading.durationMs / 1000);
  if (reading.receivedBytes !== undefined) builder.set(row, "received_bytes", reading.receivedBytes);
  if (reading.ageMs !== undefined) builder.set(row, "age_seconds", Math.max(0, reading.ageMs) / 1000);
  if (reading.clockSkewS !== undefined) builder.set(row, "clock_skew_seconds", reading.clockSkewS);
}

export interface ClusterCounts {
  readonly nodesOnline: number;
  readonly nodesTotal: number;
  /** null for a standalone host. */
  readonly quorate: boolean | null;
  readonly guestsRunning: number;
  readonly guestsTotal: number;
}

export function addClusterRow(
  target: RowTarget,
  cluster: ClusterId,
  ts: number,
  stepS: number,
  counts: ClusterCounts,
): void {
  const builder = target.builder("cluster");
  const row = builder.row(clusterEntityId(cluster), ts, stepS, "self", null);
  builder.set(row, "nodes_online", counts.nodesOnline);
  builder.set(row, "nodes_total", counts.nodesTotal);
  if (counts.quorate !== null) builder.set(row, "quorate", counts.quorate ? 1 : 0);
  builder.set(row, "guests_running", counts.guestsRunning);
  builder.set(row, "guests_total", counts.guestsTotal);
}
