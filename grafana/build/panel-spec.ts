// What a panel of ours says. Every panel has a unit, thresholds and a description with its formula; the linter insists.
import type { QuerySpec } from "./influx-query.ts";

/** Grafana's ids of units; sizes are IEC. */
export type PanelUnit =
  | "percentunit"
  | "percent"
  | "bytes"
  | "binBps"
  | "s"
  | "short"
  | "none"
  | "celsius"
  | "bool_yes_no";

/** Colours from a value on: the first holds from the beginning. */
export type Threshold = readonly [from: number | null, color: "green" | "yellow" | "orange" | "red" | "blue" | "text"];

/** Use of something that should neither stand idle nor be full. */
export const ofUse: readonly Threshold[] = [
  [null, "green"],
  [0.8, "yellow"],
  [0.9, "red"],
];
/** More is never wrong by itself. */
export const neutral: readonly Threshold[] = [[null, "blue"]];
/** All of them or it is red. */
export const allOrRed: readonly Threshold[] = [
  [null, "red"],
  [1, "green"],
];

export interface TableColumn {
  /** As the query calls it. */
  readonly name: string;
  readonly title: string;
  readonly unit?: PanelUnit;
  readonly thresholds?: readonly Threshold[];
  /** Where a click on it leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

interface AnyPanel {
  readonly title: string;
  /** What it shows and by which formula. */
  readonly description: string;
  readonly unit: PanelUnit;
  readonly thresholds: readonly Threshold[];
  readonly queries: readonly QuerySpec[];
  /** Of the 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** Looks at the newest stretch only, whatever the dashboard's range is. */
  readonly newest?: "15m" | "6h" | "24h";
}

export interface GraphPanel extends AnyPanel {
  readonly type: "graph";
  readonly stacked?: boolean;
  /** Lines of values that are read once an hour only: all, or these. */
  readonly sparse?: true | readonly string[];
}
export interface NumberPanel extends AnyPanel {
  readonly type: "number" | "gauge" | "bars";
  /** One value divided by another of the same panel. */
  readonly ratio?: { readonly of: string; readonly to: string; readonly name: string };
}
export interface TablePanel extends AnyPanel {
  readonly type: "table";
  readonly columns: readonly TableColumn[];
  /** Highest first, and so many rows. */
  readonly top?: { readonly by: string; readonly rows: number };
}
export type PanelSpec = GraphPanel | NumberPanel | TablePanel;
