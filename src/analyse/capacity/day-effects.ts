// What committed scenarios and the one that is asked about do, today and on each day of the horizon.
import type { ScenarioChange } from "../../model/scenario.ts";
import type { Amount, ClusterModel } from "./cluster-model.ts";
import { type Effects, isDone, noEffects, withChange } from "./effects.ts";
import { dayMs, startOfDay } from "./outlook.ts";

export interface Plan {
  /** Of committed scenarios: their guests hold their place from now on, whenever they come. */
  readonly committed: readonly ScenarioChange[];
  /** Of the scenario that is asked about; as if all of it were done, except for the time that remains. */
  readonly asked: readonly ScenarioChange[];
}

export const noPlan: Plan = { committed: [], asked: [] };

export interface DayEffects {
  readonly today: Effects;
  /** Of what is needed today, the part that committed scenarios hold. */
  readonly reserved: { readonly need: Amount; readonly diskBytes: number; readonly diskOn: Effects["diskOn"] };
  on(day: number): Effects;
}

/** Throws an InputError for a node or guest that the cluster does not have. */
export function dayEffects(model: ClusterModel, { committed, asked }: Plan, nowMs: number): DayEffects {
  const held = committed.map((change) => (change.change === "add_guests" ? { ...change, at: null } : change));
  const fold = (changes: readonly ScenarioChange[]): Effects =>
    changes.reduce((effects, change) => withChange(model, effects, change), noEffects(model));
  const first = startOfDay(nowMs);
  const done = (changes: readonly ScenarioChange[], atMs: number) => changes.filter((change) => isDone(change, atMs));
  const reserved = fold(done(held, nowMs));
  const cache = new Map<string, Effects>();
  return {
    today: fold([...done(held, nowMs), ...asked]),
    reserved,
    on(day) {
      const atMs = day === 0 ? nowMs : first + day * dayMs;
      const changes = [...done(held, atMs), ...done(asked, atMs)];
      // The number tells them apart: changes are only ever added as days go by.
      const key = String(changes.length);
      const known = cache.get(key) ?? fold(changes);
      cache.set(key, known);
      return known;
    },
  };
}
