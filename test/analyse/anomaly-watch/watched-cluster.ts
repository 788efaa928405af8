// A cluster with one node and some guests whose samples the test decides, and a clock that it moves: the watch's jobs run
// on the memory store, the fleet and the event log as they are.

import { join } from "node:path";
import { AnomalyWatch } from "../../../src/analyse/anomaly-watch/anomaly-watch.ts";
import type { JobContext, JobOutcome } from "../../../src/analyse/job.ts";
import { anomaliesWith } from "../../../src/analyse/jobs/anomalies.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { Fleet } from "../../../src/live/fleet.ts";
import type { AnalysisDocument } from "../../../src/model/analysis.ts";
import { defaultAnalysisChoices } from "../../../src/model/analysis-settings.ts";
import {
  type AnomalyDayDocument,
  type AnomalyRecord,
  type AnomalyWatchDocument,
  anomalyDayName,
  anomalyWatchName,
} from "../../../src/model/anomalies.ts";
import { blocksFromRows, type Row } from "../../../src/model/batch.ts";
import type { NewEvent } from "../../../src/model/event.ts";
import { type EntityId, parseEntityId } from "../../../src/model/ids.ts";
import type { Entity } from "../../../src/model/inventory.ts";
import { createRandom } from "../../../src/simulator/random.ts";
import { MemoryStore } from "../../../src/store/drivers/memory/memory-store.ts";
import { openState } from "../../../src/store/state/open-state.ts";
import { aCluster, aGuest, aNode } from "../../build.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";

export const minuteMs = 60_000;
export const dayMs = 1440 * minuteMs;
/** Monday 2026-03-02 00:00 UTC. */
export const monday = Date.UTC(2026, 2, 2);
export const web = "lab/guest/100~1";

/** CPU of a guest in office hours and at night, with noise. */
export function usualCpu(atMs: number, seed = 1): number {
  const hour = (atMs % dayMs) / (60 * minuteMs);
  return (
    0.1 +
    0.2 * Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI)) +
    createRandom(seed + atMs / 1000).between(-0.02, 0.02)
  );
}

export async function watchedCluster(guests = 1) {
  const clock = { ...systemClock, now: () => monday };
  const state = await openState({ path: join(temporaryDirectory(), "state.db"), clock });
  const fleet = new Fleet(clock);
  const entities: Entity[] = [aCluster("lab", monday), aNode("lab", "pve1", monday)];
  for (let guest = 0; guest < guests; guest++)
    entities.push(aGuest("lab", 100 + guest, monday, { name: `web-${guest}` }));
  const changed = (things: readonly Entity[]): void =>
    fleet.applyEvent({ type: "inventory", cluster: "lab", changed: [...things] });
  changed(entities);
  const store = new MemoryStore();
  const kept = new Map<string, AnalysisDocument>();
  let batches = 0;
  let watch = new AnomalyWatch();

  const append = async (rows: readonly Row[]): Promise<void> => {
    const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "cluster", rows);
    await store.append({ batchId: `b${++batches}`, cluster: "lab", source: "poll", blocks, marks: {} });
  };

  return {
    store,
    changed,
    event: async (event: Partial<NewEvent> & Pick<NewEvent, "at" | "type">) => state.events.add([anEvent(event)]),
    /** Samples that stand for `stepMs` each, from (including) and to (excluding). */
    async measure(
      span: { readonly fromMs: number; readonly toMs: number; readonly stepMs?: number },
      value: (atMs: number) => number | null,
      of: { readonly id?: EntityId; readonly metric?: string } = {},
    ): Promise<void> {
      const { fromMs, toMs, stepMs = 5 * minuteMs } = span;
      const rows: Row[] = [];
      for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
        const measured = value(atMs);
        if (measured === null) continue;
        const values = { [of.metric ?? "cpu_ratio"]: measured };
        rows.push({
          id: of.id ?? web,
          ts: atMs + stepMs,
          stepS: stepMs / 1000,
          origin: "rrd-avg",
          node: "pve1",
          values,
        });
      }
      await append(rows);
    },
    append,
    async run(nowMs: number): Promise<JobOutcome> {
      const outcome = await anomaliesWith(watch).run(contextAt(nowMs));
      for (const document of outcome.documents ?? [])
        kept.set([document.name, document.cluster, document.key].join("\n"), { ...document, at: nowMs });
      return outcome;
    },
    /** What the process held is gone; documents, events and samples are not. */
    restart(sliceRows?: number): void {
      watch = new AnomalyWatch(sliceRows);
    },
    anomalies: (): readonly AnomalyRecord[] =>
      [...kept.values()]
        .filter(({ name }) => name === anomalyDayName)
        .flatMap(({ body }) => (body as AnomalyDayDocument).anomalies),
    state: (): AnomalyWatchDocument =>
      [...kept.values()].find(({ name }) => name === anomalyWatchName)?.body as AnomalyWatchDocument,
    keys: () => [...kept.keys()],
  };

  function contextAt(nowMs: number): JobContext {
    return {
      nowMs,
      fleet,
      store,
      facts: { list: () => [] },
      settings: { ...defaultAnalysisChoices, clusters: [{ id: "lab", name: "lab", costModel: null }] },
      events: state.events,
      history: { changes: async () => [] },
      findings: { list: async () => [], find: async () => undefined, changes: async () => [] },
      documents: {
        list: async ({ name, cluster, fromKey = "", toKey = "~" }) =>
          [...kept.values()].filter(
            (each) =>
              each.name === name &&
              each.cluster === (cluster ?? each.cluster) &&
              each.key >= fromKey &&
              each.key <= toKey,
          ),
      },
      threads: 1,
      progress: () => undefined,
    };
  }
}

const anEvent = (event: Partial<NewEvent> & Pick<NewEvent, "at" | "type">): NewEvent => ({
  eventKey: `${event.type}/${event.at}`,
  endedAt: event.at + 5 * minuteMs,
  topic: "task",
  cluster: "lab",
  subject: web,
  node: "pve1",
  user: "root@pam",
  state: "ok",
  text: "100",
  ...event,
});
