// Numbers of slow facts on their way into a batch, held to the catalogue as samples are.
import type { Origin } from "../../model/batch.ts";
import type { EntityId, EntityKind } from "../../model/ids.ts";
import { findMetric, type MetricId } from "../../model/metrics.ts";
import type { Drops } from "../drops.ts";
import type { RowTarget } from "../row-target.ts";

export interface FactRow {
  readonly kind: EntityKind;
  readonly id: EntityId;
  /** Milliseconds since the epoch. */
  readonly ts: number;
  readonly stepS: number;
  readonly origin: Origin;
  readonly node: string | null;
  readonly values: Readonly<Record<MetricId, number | undefined>>;
}

/** A row without a value that is known and possible is left out. */
export function addFactRow(row: FactRow, target: RowTarget, drops: Drops): void {
  const values = Object.entries(row.values).filter((entry): entry is [string, number] => {
    const [id, value] = entry;
    const metric = findMetric(row.kind, id);
    if (value === undefined || metric === undefined) return false;
    if (value >= metric.min && value <= metric.max) return true;
    drops.add("out of range");
    return false;
  });
  if (values.length === 0) return;
  const builder = target.builder(row.kind);
  const number = builder.row(row.id, row.ts, row.stepS, row.origin, row.node);
  for (const [id, value] of values) builder.set(number, id, value);
}
