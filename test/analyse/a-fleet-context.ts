// What a job is given, for tests: a store, a fleet, what happened in it, and documents that are kept between runs.
import type { JobContext } from "../../src/analyse/job.ts";
import type { AnalysisDocument } from "../../src/model/analysis.ts";
import type { Event } from "../../src/model/event.ts";
import type { FactChange } from "../../src/model/facts.ts";
import type { LiveEntity } from "../../src/model/fleet.ts";
import type { Entity } from "../../src/model/inventory.ts";
import type { MetricsStore } from "../../src/model/store.ts";

export interface ContextParts {
  readonly store: MetricsStore;
  readonly entities: readonly Entity[];
  readonly nowMs: number;
  readonly events?: readonly Event[];
  readonly changes?: readonly FactChange[];
  readonly documents?: KeptDocuments;
}

/** As the state database keeps them: the newest of each name, cluster and key, through JSON. */
export class KeptDocuments {
  readonly #held = new Map<string, AnalysisDocument>();

  keep(documents: readonly Omit<AnalysisDocument, "at">[], at: number): void {
    for (const each of documents) {
      const body = JSON.parse(JSON.stringify(each.body)) as unknown;
      this.#held.set(JSON.stringify([each.name, each.cluster, each.key]), { ...each, body, at });
    }
  }

  async list({ name, cluster, fromKey, toKey }: Parameters<JobContext["documents"]["list"]>[0]) {
    const found = [...this.#held.values()].filter(
      (each) =>
        each.name === name &&
        (cluster === undefined || each.cluster === cluster) &&
        (fromKey === undefined || each.key >= fromKey) &&
        (toKey === undefined || each.key <= toKey),
    );
    return Promise.resolve(found.sort((a, b) => (a.key < b.key ? -1 : 1)));
  }
}

export function aContext(parts: ContextParts): JobContext {
  const { store, entities, nowMs, events = [], changes = [], documents = new KeptDocuments() } = parts;
  const live = entities.map((entity): LiveEntity => ({ entity, values: {}, valuesAt: null, periodS: 10 }));
  return {
    nowMs,
    store,
    documents,
    fleet: {
      get: (id) => live.find(({ entity }) => entity.id === id),
      list: (kind) => live.filter(({ entity }) => entity.kind === kind && entity.goneAt === null),
      tasks: () => [],
    },
    facts: { list: () => [] },
    settings: { clusters: [] } as unknown as JobContext["settings"],
    events: {
      query: async ({ fromMs, toMs, subject, types }) =>
        Promise.resolve(
          events.filter(
            (event) =>
              event.at >= fromMs &&
              event.at < toMs &&
              (subject === undefined || event.subject === subject) &&
              (types?.includes(event.type) ?? true),
          ),
        ),
    },
    history: {
      changes: async ({ kind, subject }) =>
        Promise.resolve(
          changes.filter(
            (change) =>
              (kind === undefined || change.kind === kind) && (subject === undefined || change.subject === subject),
          ),
        ),
    },
    findings: {} as JobContext["findings"],
    threads: 2,
    progress: () => undefined,
  };
}
