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
  /** The values, or the row that they are still to be taken from. */
  #values: Readonly<Record<MetricId, number>> | undefined;
  readonly #block: Block | undefined;
  readonly #row: number;

  private constructor(
    entity: Entity,
    valuesAt: number | null,
    periodS: number,
    values: Readonly<Record<MetricId, number>> | undefined,
    block?: Block,
    row = 0,
  ) {
    this.entity = entity;
    this.valuesAt = valuesAt;
    this.periodS = periodS;
    this.#values = values;
    this.#block = block;
    this.#row = row;
  }

  static of(
    entity: Entity,
    values: Readonly<Record<MetricId, number>>,
    valuesAt: number | null,
    periodS: number,
  ): LiveRow {
    return new LiveRow(entity, valuesAt, periodS, values);
  }

  get values(): Readonly<Record<MetricId, number>> {
    this.#values ??= this.#block === undefined ? {} : valuesOf(this.#block, this.#row);
    return this.#values;
  }

  withEntity(entity: Entity): LiveRow {
    return new LiveRow(entity, this.valuesAt, this.periodS, this.#values, this.#block, this.#row);
  }

  withRow(block: Block, row: number): LiveRow {
    const { ts, stepS } = block;
    return new LiveRow(this.entity, ts[row] ?? null, stepS[row] ?? this.periodS, undefined, block, row);
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
