// A small cluster whose job `costs` is run at any time: a real store, an inventory that tests change, documents kept as
// the state database keeps them (the latest of each name, cluster and key).

import type { JobContext, JobOutcome } from "../../../src/analyse/job.ts";
import { costs } from "../../../src/analyse/jobs/costs.ts";
import type { AnalysisDocument, AnalysisDocuments, DocumentsQuery } from "../../../src/model/analysis.ts";
import { defaultAnalysisChoices } from "../../../src/model/analysis-settings.ts";
import { blocksFromRows, type Row } from "../../../src/model/batch.ts";
import type { CostPeriod } from "../../../src/model/cost-ledger.ts";
import type { CostModel } from "../../../src/model/cost-model.ts";
import type { HeldFact } from "../../../src/model/facts.ts";
import { parseEntityId } from "../../../src/model/ids.ts";
import type { Entity, GuestEntity } from "../../../src/model/inventory.ts";
import { MemoryStore } from "../../../src/store/drivers/memory/memory-store.ts";
import { aCluster, aGuest, aNode, aStorage } from "../../build.ts";

export const hour = 3_600_000;
export const day = 24 * hour;
const gib = 2 ** 30;

export class LedgerWorld {
  readonly store = new MemoryStore();
  readonly entities = new Map<string, Entity>();
  readonly documents = new Map<string, AnalysisDocument>();
  readonly #configs = new Map<string, readonly string[]>();
  #batches = 0;

  readonly beginMs: number;
  importing: readonly string[] = [];

  constructor(beginMs: number) {
    this.beginMs = beginMs;
    this.put(aCluster("lab", beginMs), aNode("lab", "pve1", beginMs + day), aStorage("lab", null, "ssd", beginMs));
  }

  put(...entities: readonly Entity[]): void {
    for (const entity of entities) this.entities.set(entity.id, entity);
  }

  /** 100, 101, …: each has a disk of 100 GiB on `ssd`. */
  guest(vmid: number, change: Partial<GuestEntity> = {}): void {
    const guest = aGuest("lab", vmid, this.beginMs + day, change);
    this.put(guest);
    this.#configs.set(guest.id, [`scsi0: ssd:vm-${vmid}-disk-0,size=100G`]);
  }

  /** Samples, every ten minutes as a rule: the node has 16 threads and 64 GiB, each guest 4 cores, half used, and 8 GiB. */
  async measure(
    fromMs: number,
    toMs: number,
    running: readonly number[],
    off: readonly number[] = [],
    stepS = 600,
  ): Promise<void> {
    const rows: Row[] = [];
    for (let ts = fromMs; ts < toMs; ts += 1000 * stepS) {
      const row = (id: string, values: Row["values"]): void => {
        rows.push({ id, ts, stepS, origin: "export", node: "pve1", values });
      };
      row("lab/node/pve1", { cpu_ratio: 0.5, cpu_count: 16, mem_total_bytes: 64 * gib });
      row("lab/storage/@ssd", { total_bytes: 1000 * gib });
      for (const vmid of running) {
        const values = { running: 1, cpu_ratio: 0.5, cpu_count: 4, mem_total_bytes: 8 * gib, mem_used_bytes: 4 * gib };
        row(`lab/guest/${vmid}~1`, values);
      }
      for (const vmid of off) row(`lab/guest/${vmid}~1`, { running: 0 });
    }
    const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "node", rows);
    await this.store.append({ batchId: `${this.#batches++}`, cluster: "lab", source: "poll", blocks, marks: {} });
  }

  context(nowMs: number, costModel: CostModel | null): JobContext {
    const live = (entity: Entity) => ({ entity, values: {}, valuesAt: null, periodS: 10 });
    const facts = [...this.#configs].map(([subject, disks]): HeldFact => {
      const fields = { disks, cores: 4 };
      return { kind: "guest_config", subject, key: "", fields, readAt: nowMs, changedAt: nowMs };
    });
    return {
      nowMs,
      importing: this.importing,
      fleet: {
        get: (id) => {
          const entity = this.entities.get(id);
          return entity === undefined ? undefined : live(entity);
        },
        list: (kind, { gone = false } = {}) =>
          [...this.entities.values()]
            .filter((entity) => entity.kind === kind && (gone || entity.goneAt === null))
            .map(live),
        tasks: () => [],
      },
      facts: { list: (kind) => facts.filter((fact) => fact.kind === kind) },
      settings: { ...defaultAnalysisChoices, clusters: [{ id: "lab", name: "Lab", costModel }] },
      store: this.store,
      events: { query: async () => Promise.resolve([]) },
      history: { changes: async () => Promise.resolve([]) },
      findings: {
        list: async () => Promise.resolve([]),
        find: async () => Promise.resolve(undefined),
        changes: async () => Promise.resolve([]),
      },
      documents: heldDocuments(this.documents),
      threads: 1,
      progress: () => undefined,
    };
  }

  /** Runs the job as the engine around it does, and keeps what comes out. */
  async run(nowMs: number, costModel: CostModel | null): Promise<JobOutcome> {
    const outcome = await costs.run(this.context(nowMs, costModel));
    for (const document of outcome.documents ?? []) {
      this.documents.set(`${document.name}\n${document.cluster}\n${document.key}`, { ...document, at: nowMs });
    }
    return outcome;
  }

  period(name: "cost-day" | "cost-month", key: string): CostPeriod | undefined {
    return this.documents.get(`${name}\nlab\n${key}`)?.body as CostPeriod | undefined;
  }
}

/** As text, so that a reader cannot change what is held. */
const heldDocuments = (held: ReadonlyMap<string, AnalysisDocument>): AnalysisDocuments => ({
  list: async ({ name, cluster, fromKey = "", toKey }: DocumentsQuery) => {
    const found = [...held.values()]
      .filter((document) => document.name === name && (cluster === undefined || document.cluster === cluster))
      .filter(({ key }) => key >= fromKey && (toKey === undefined || key <= toKey))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    return Promise.resolve(structuredClone(found));
  },
});
