// Holds the anomalies of the last weeks: those that last, joined to the watches that follow them, and the past ones as
// they were told. What changes makes its day's document due.
import { type AnomalyReason, type AnomalyRecord, dayKey } from "../../model/anomalies.ts";
import type { ClusterId, EntityId } from "../../model/ids.ts";
import type { Episode } from "../anomaly/index.ts";

export interface HeldAnomaly {
  readonly cluster: ClusterId;
  record: AnomalyRecord;
  /** What follows it in this process; undefined for what an earlier one told, and for missing data. */
  episode: Episode | undefined;
}

/** One of each can be open per series: unusual rows, a flat line, a gap, a level shift. */
type Slot = "" | "flat" | "gap" | "shift";
const slotOf = (reason: AnomalyReason): Slot =>
  reason === "flat" || reason === "gap" || reason === "shift" ? reason : "";

type Place = Pick<AnomalyRecord, "subject" | "metric" | "reason">;
const placeKey = ({ subject, metric, reason }: Place): string => `${subject} ${metric} ${slotOf(reason)}`;

export class AnomalyBook {
  readonly #all = new Map<string, HeldAnomaly>();
  readonly #open = new Map<string, HeldAnomaly>();
  readonly #dueDays = new Map<ClusterId, Set<string>>();

  /** Takes in what an earlier process has left. */
  restore(cluster: ClusterId, records: readonly AnomalyRecord[]): void {
    for (const record of records) this.#hold({ cluster, record, episode: undefined });
  }

  add(held: HeldAnomaly): void {
    this.#hold(held);
    this.#makeDue(held);
  }

  has(id: string): boolean {
    return this.#all.has(id);
  }

  openAt(place: Place): HeldAnomaly | undefined {
    return this.#open.get(placeKey(place));
  }

  open(): readonly HeldAnomaly[] {
    return [...this.#open.values()];
  }

  change(held: HeldAnomaly, change: Partial<AnomalyRecord>): void {
    held.record = { ...held.record, ...change };
    if (!held.record.open) this.#open.delete(placeKey(held.record));
    this.#makeDue(held);
  }

  /** Those that lie before are history; their documents stay as they are. */
  forgetBefore(atMs: number): void {
    for (const [id, { record }] of this.#all) if (!record.open && record.toMs < atMs) this.#all.delete(id);
  }

  /** The days that have changed since the last time, each with all that began on it, oldest first. */
  takeDueDays(): readonly { cluster: ClusterId; day: string; anomalies: readonly AnomalyRecord[] }[] {
    const byDay = new Map<string, AnomalyRecord[]>();
    for (const { cluster, record } of this.#all.values()) {
      const day = dayKey(record.fromMs);
      if (this.#dueDays.get(cluster)?.has(day) !== true) continue;
      const key = `${cluster} ${day}`;
      byDay.set(key, [...(byDay.get(key) ?? []), record]);
    }
    this.#dueDays.clear();
    return [...byDay].map(([key, records]) => {
      const [cluster = "", day = ""] = key.split(" ");
      return { cluster, day, anomalies: records.sort((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1)) };
    });
  }

  #hold(held: HeldAnomaly): void {
    this.#all.set(held.record.id, held);
    if (held.record.open) this.#open.set(placeKey(held.record), held);
  }

  #makeDue({ cluster, record }: HeldAnomaly): void {
    const days = this.#dueDays.get(cluster) ?? new Set<string>();
    this.#dueDays.set(cluster, days.add(dayKey(record.fromMs)));
  }
}

export const anomalyId = (subject: EntityId, metric: string, reason: AnomalyReason, fromMs: number): string =>
  `${subject}:${metric}${slotOf(reason) === "" ? "" : `:${slotOf(reason)}`}:${fromMs}`;
