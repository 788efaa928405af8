// An entity and the newest row that was measured of it. The values are taken out of the row's columns when somebody
// looks at them: between two looks, a poll of thousands of guests costs a reference each.
import type { Block } from "../model/batch.ts";
import type { LiveEntity } from "../model/fleet.ts";
import type { Entity } from "../model/inventory.ts";
import type { MetricId } from "../model/metrics.ts";

export class LiveRow implements LiveEntity {
  readonly entity: Entity;
  readonly valuesAt: number | null;
  readonly periodS: number;
  readonly #values: () => Readonly<Record<MetricId, number>>;

  private constructor(
    entity: Entity,
    values: () => Readonly<Record<MetricId, number>>,
    valuesAt: number | null,
    periodS: number,
  ) {
    this.entity = entity;
    this.valuesAt = valuesAt;
    this.periodS = periodS;
    this.#values = values;
  }

  static of(
    entity: Entity,
    values: Readonly<Record<MetricId, number>>,
    valuesAt: number | null,
    periodS: number,
  ): LiveRow {
    return new LiveRow(entity, () => values, valuesAt, periodS);
  }

  get values(): Readonly<Record<MetricId, number>> {
    return this.#values();
  }

  withEntity(entity: Entity): LiveRow {
    return new LiveRow(entity, this.#values, this.valuesAt, this.periodS);
  }

  withRow(block: Block, row: number): LiveRow {
    let values: Readonly<Record<MetricId, number>> | undefined;
    const look = (): Readonly<Record<MetricId, number>> => {
      values ??= valuesOf(block, row);
      return values;
    };
    return new LiveRow(this.entity, look, block.ts[row] ?? null, block.stepS[row] ?? this.periodS);
  }
}

function valuesOf(block: Block, row: number): Record<MetricId, number> {
  const values: Record<MetricId, number> = {};
  for (const metric in block.columns) {
    const value = block.columns[metric]?.[row];
    if (value !== undefined && !Number.isNaN(value)) values[metric] = value;
  }
  return values;
}
