// What a key figure is: formula, inputs, unit, target and a worked example.

export type KpiUnit = "ratio" | "count" | "hours" | "seconds" | "minutes";

export interface KpiInput {
  readonly what: string;
  /** How several clusters' inputs become the fleet's. */
  readonly fleet: "sum" | "max";
}

export interface Kpi {
  readonly id: string;
  readonly title: string;
  readonly unit: KpiUnit;
  /** One sentence for people who decide. */
  readonly summary: string;
  /** By the inputs' names. */
  readonly formula: string;
  readonly inputs: Readonly<Record<string, KpiInput>>;
  readonly better: "higher" | "lower" | "between";
  /** null where only an organisation can say; `between` has both ends. */
  readonly target: { readonly min: number | null; readonly max: number | null } | null;
  /** Which scopes have it. */
  readonly scopes: "cluster" | "all";
  /** The stored series of the scope that shows its course: one metric, or one divided by another. */
  readonly series: { readonly metric: string; readonly per: string | null } | null;
  /** null where the inputs give no number (nothing to divide by). Every input is known when it is called. */
  value(inputs: Readonly<Record<string, number>>): number | null;
  /** What the value is about, for instance the resource that is most constrained. */
  readonly about?: (inputs: Readonly<Record<string, number>>) => string | null;
  readonly example: {
    readonly inputs: Readonly<Record<string, number>>;
    readonly value: number;
    readonly words: string;
  };
}

/** An input that clusters add up to the fleet's. */
export const sum = (what: string): KpiInput => ({ what, fleet: "sum" });
/** An input of which the fleet has the worst of its clusters. */
export const worst = (what: string): KpiInput => ({ what, fleet: "max" });

/** null when there is nothing to divide by. */
export const ratio = (part: number | undefined, whole: number | undefined): number | null =>
  part === undefined || whole === undefined || whole <= 0 ? null : part / whole;

export const gib = 2 ** 30;
