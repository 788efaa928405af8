// What an InfluxQL query of ours can say: the closed grammar that our dashboards use, and no more.

export const aggregateNames = ["mean", "min", "max", "sum", "count", "first", "last", "median", "percentile"] as const;
export type AggregateName = (typeof aggregateNames)[number];

export interface Aggregate {
  readonly type: "aggregate";
  readonly name: AggregateName;
  readonly field: string;
  /** 0…100, of `percentile` only. */
  readonly percent: number | null;
}

export type Expression =
  | Aggregate
  | { readonly type: "field"; readonly field: string }
  | { readonly type: "number"; readonly value: number }
  | {
      readonly type: "operation";
      readonly operator: "+" | "-" | "*" | "/";
      readonly left: Expression;
      readonly right: Expression;
    };

export interface Column {
  readonly name: string;
  readonly expression: Expression;
}

/** One tag's condition. `values`: any of these (or, with `negated`, none). An absent tag is the empty text. */
export interface TagCondition {
  readonly tag: string;
  readonly negated: boolean;
  readonly matches: { readonly values: readonly string[] } | { readonly pattern: string };
}

export interface TimeRange {
  /** Milliseconds since the epoch; from ≤ t < to. null: open. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export type Fill = "null" | "none" | "previous" | "linear" | number;

export interface Select {
  readonly type: "select";
  readonly columns: readonly Column[];
  readonly from: string | Select;
  readonly tags: readonly TagCondition[];
  readonly time: TimeRange;
  /** null: the whole range is one group. */
  readonly groupByMs: number | null;
  readonly offsetMs: number;
  readonly groupByTags: readonly string[];
  readonly fill: Fill;
  readonly descending: boolean;
  readonly limit: number | null;
}

export type Show =
  | { readonly type: "show-databases" }
  | { readonly type: "show-retention-policies" }
  | { readonly type: "show-measurements"; readonly pattern: string | null; readonly limit: number | null }
  | { readonly type: "show-tag-keys"; readonly from: string | null }
  | { readonly type: "show-field-keys"; readonly from: string | null }
  | {
      readonly type: "show-tag-values";
      readonly from: string | null;
      readonly key: string;
      readonly tags: readonly TagCondition[];
      readonly limit: number | null;
    };

export type Statement = Select | Show;
