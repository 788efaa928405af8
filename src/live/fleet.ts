// The present: every entity with its newest values, kept in memory from the batches and events that the collector sends.
// The page, the stream and the lists read it; nothing of it needs a query.
import type { Clock } from "../lib/clock.ts";
import type { Batch, Block } from "../model/batch.ts";
import type { CollectorEvent } from "../model/collector.ts";
import { byUrgency, type HeldFinding } from "../model/finding.ts";
import type { Analysed, FleetChange, FleetView, LiveEntity } from "../model/fleet.ts";
import type { ClusterId, EntityId, EntityKind } from "../model/ids.ts";
import type { Entity, Task } from "../model/inventory.ts";
import type { JobStatus } from "../model/job.ts";
import type { MetricId } from "../model/metrics.ts";
import { newestRows } from "../model/newest-rows.ts";
import type { Problem } from "../model/problem.ts";
import type { LatestValue } from "../model/store.ts";
import { LiveRow } from "./live-row.ts";
import { ProblemList } from "./problem-list.ts";

/** Enough for the page's list; the whole history is in the state database. */
const keepTasks = 500;

export class Fleet implements FleetView {
  readonly problemList: ProblemList;
  readonly #entities = new Map<EntityId, LiveRow>();
  readonly #tasks = new Map<string, Task>();
  readonly #jobs = new Map<string, JobStatus>();
  /** By the job that came to them. */
  readonly #findings = new Map<string, readonly HeldFinding[]>();
  readonly #analyses = new Map<string, Analysed>();
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: FleetChange) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.problemList = new ProblemList(clock, () => this.#tell({ type: "problems" }));
  }

  get(id: EntityId): LiveEntity | undefined {
    return this.#entities.get(id);
  }

  list(kind: EntityKind, { gone = false }: { gone?: boolean } = {}): readonly LiveEntity[] {
    return [...this.#entities.values()].filter(
      ({ entity }) => entity.kind === kind && (gone || entity.goneAt === null),
    );
  }

  tasks(): readonly Task[] {
    return [...this.#tasks.values()].sort((a, b) => b.startedAt - a.startedAt);
  }

  problems(): readonly Problem[] {
    return this.problemList.list();
  }

  jobs(): readonly JobStatus[] {
    return [...this.#jobs.values()].sort((a, b) => a.id.localeCompare(b.id));
  }

  findings(): readonly HeldFinding[] {
    return [...this.#findings.values()].flat().sort(byUrgency);
  }

  analyses(): readonly Analysed[] {
    return [...this.#analyses.values()];
  }

  subscribe(listener: (change: FleetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in what was known before this start: descriptions, and the newest stored values. */
  restore(entities: readonly Entity[], latest: readonly LatestValue[]): void {
    for (const entity of entities) this.#entities.set(entity.id, withoutValues(entity));
    for (const { id, ts, stepS, values } of latest) {
      const live = this.#entities.get(id);
      if (live !== undefined) this.#entities.set(id, LiveRow.of(live.entity, withoutNulls(values), ts, stepS));
    }
  }

  restoreTasks(tasks: readonly Task[]): void {
    for (const task of tasks) this.#tasks.set(task.upid, task);
  }

  /** What analysis had come to before this start. */
  restoreFindings(findings: readonly HeldFinding[], analyses: readonly Analysed[]): void {
    for (const job of new Set(findings.map((finding) => finding.job))) {
      this.#findings.set(
        job,
        findings.filter((finding) => finding.job === job),
      );
    }
    for (const each of analyses) this.#analyses.set(`${each.name} ${each.cluster}`, each);
  }

  /** Everything that a job concludes now. */
  setFindings(job: string, findings: readonly HeldFinding[]): void {
    this.#findings.set(job, findings);
    this.#tell({ type: "findings" });
  }

  /** These results have been written anew. */
  analysed(documents: readonly Omit<Analysed, "at">[]): void {
    if (documents.length === 0) return;
    const at = this.#clock.now();
    for (const { name, cluster } of documents) this.#analyses.set(`${name} ${cluster}`, { name, cluster, at });
    this.#tell({ type: "analyses" });
  }

  /** A cluster that is no longer watched: nothing of it is shown any more. What is stored stays. */
  forget(cluster: ClusterId): void {
    const ids = [...this.#entities.keys()].filter((id) => id.startsWith(`${cluster}/`));
    const upids = [...this.#tasks.values()].filter((task) => task.cluster === cluster).map((task) => task.upid);
    const jobs = [...this.#jobs.keys()].filter((id) => id.endsWith(`/${cluster}`));
    for (const id of ids) this.#entities.delete(id);
    for (const upid of upids) this.#tasks.delete(upid);
    for (const id of jobs) this.#jobs.delete(id);
    this.problemList.forget(`${cluster}/`);
    for (const [job, findings] of this.#findings) {
      this.#findings.set(
        job,
        findings.filter((finding) => finding.cluster !== cluster),
      );
    }
    for (const [key, each] of this.#analyses) if (each.cluster === cluster) this.#analyses.delete(key);
    this.#tell({ type: "findings" });
    this.#tell({ type: "analyses" });
    if (ids.length > 0) this.#tell({ type: "entities", ids });
    if (upids.length > 0) this.#tell({ type: "tasks", upids });
    if (jobs.length > 0) this.#tell({ type: "jobs", ids: jobs });
  }

  setJob(job: JobStatus): void {
    this.#jobs.set(job.id, job);
    this.#tell({ type: "jobs", ids: [job.id] });
  }

  /** The newest row of each entity becomes its latest values; a metric that the row does not have is gone. */
  applyBatch(batch: Batch): void {
    const changed: EntityId[] = [];
    for (const block of batch.blocks) {
      for (const [number, row] of newestRows(block).entries()) {
        const id = block.ids[number] ?? "";
        if (this.#applyRow(block, id, row)) changed.push(id);
      }
    }
    if (changed.length > 0) this.#tell({ type: "entities", ids: changed });
  }

  applyEvent(event: CollectorEvent): void {
    switch (event.type) {
      case "inventory":
        this.#applyInventory(event.changed);
        return;
      case "tasks":
        this.#applyTasks(event.tasks);
        return;
      case "problem":
        this.problemList.raise(event.problem);
        return;
      case "problem-cleared":
        this.problemList.clear(event.code, event.subject);
        return;
      case "job":
        this.setJob(event.job);
        return;
      case "cost":
      case "facts":
      case "log":
        return;
    }
  }

  #applyRow(block: Block, id: EntityId, row: number): boolean {
    const live = this.#entities.get(id);
    const ts = block.ts[row] ?? 0;
    if (live === undefined || (live.valuesAt !== null && ts <= live.valuesAt)) return false;
    this.#entities.set(id, live.withRow(block, row));
    return true;
  }

  #applyInventory(changed: readonly Entity[]): void {
    for (const entity of changed) {
      const live = this.#entities.get(entity.id);
      this.#entities.set(entity.id, live?.withEntity(entity) ?? withoutValues(entity));
    }
    if (changed.length > 0) this.#tell({ type: "entities", ids: changed.map((entity) => entity.id) });
  }

  #applyTasks(tasks: readonly Task[]): void {
    const news = tasks.filter((task) => {
      const known = this.#tasks.get(task.upid);
      return known === undefined || known.state !== task.state || known.exitStatus !== task.exitStatus;
    });
    for (const task of news) this.#tasks.set(task.upid, task);
    for (const old of this.tasks().slice(keepTasks)) this.#tasks.delete(old.upid);
    if (news.length > 0) this.#tell({ type: "tasks", upids: news.map((task) => task.upid) });
  }

  #tell(change: FleetChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Until the first sample a period of ten seconds is as good a guess as any. */
const withoutValues = (entity: Entity): LiveRow => LiveRow.of(entity, {}, null, 10);

function withoutNulls(values: Readonly<Record<MetricId, number | null>>): Record<MetricId, number> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null));
}
