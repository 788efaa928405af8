// What the configuration says about analysis.
import type { CostModel } from "./cost-model.ts";
import type { ClusterId } from "./ids.ts";

export interface AnalysisSettings extends AnalysisChoices {
  readonly clusters: readonly ClusterAnalysisSettings[];
}

export interface ClusterAnalysisSettings {
  readonly id: ClusterId;
  readonly name: string;
  /** What it costs; null or left out: nothing was entered, and no money is shown. */
  readonly costModel?: CostModel | null;
}

/** The section `analysis` of the configuration. */
export interface AnalysisChoices {
  /** An IANA name, as Europe/Vienna; business hours and days are those of this zone. */
  readonly timeZone: string;
  readonly businessHours: WeekHours;
  /** Planned maintenance: kept apart from availability. */
  readonly maintenance: readonly WeekHours[];
  /** How many nodes of a cluster may be lost without loss of guests. */
  readonly reserveNodes: number;
  /** The share of time that guests are promised to run: what the error budget is reckoned with. */
  readonly availabilityTarget: number;
  /** A guest counts as protected while its newest backup is younger. */
  readonly backupMaxAgeMs: number;
}

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** A stretch of the day on some days of the week. */
export interface WeekHours {
  readonly days: readonly Weekday[];
  /** Minutes since midnight. */
  readonly fromMinute: number;
  /** Not included; up to 1440. At or before `fromMinute` it is that of the day after. */
  readonly toMinute: number;
}

export const defaultBusinessHours: WeekHours = {
  days: ["mon", "tue", "wed", "thu", "fri"],
  fromMinute: 8 * 60,
  toMinute: 18 * 60,
};

export const defaultAnalysisChoices: AnalysisChoices = {
  timeZone: "UTC",
  businessHours: defaultBusinessHours,
  maintenance: [],
  reserveNodes: 1,
  availabilityTarget: 0.999,
  backupMaxAgeMs: 26 * 3_600_000,
};
