// The fleet as it was at one moment, for the analysis thread: taken in parts on one side, put together on the other.
import type { FactBook } from "../../live/fact-book.ts";
import type { FactsView, HeldFact } from "../../model/facts.ts";
import { type FactKind, factKinds } from "../../model/facts-catalogue.ts";
import type { FleetView, LiveEntity } from "../../model/fleet.ts";
import { type ClusterId, type EntityId, type EntityKind, entityKinds } from "../../model/ids.ts";
import type { Task } from "../../model/inventory.ts";
import type { JobStatus } from "../../model/job.ts";
import type { SnapshotPart } from "./messages.ts";

/** What the main thread copies between two other things it does; some two milliseconds. */
const partSize = 400;

export function* partsOf(fleet: FleetView, book: Pick<FactBook, "list">): Generator<SnapshotPart> {
  const entities = entityKinds.flatMap((kind) => fleet.list(kind, { gone: true }));
  const facts = factKinds.flatMap((kind) => book.list(kind));
  const tasks = fleet.tasks();
  const importing = fleet.jobs().flatMap(importedBy);
  const parts = Math.max(1, ...[entities, facts, tasks].map((list) => Math.ceil(list.length / partSize)));
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part * partSize, (part + 1) * partSize];
    yield {
      isFirst: part === 0,
      isLast: part === parts - 1,
      entities: entities.slice(from, to).map(bare),
      facts: facts.slice(from, to),
      tasks: tasks.slice(from, to),
      importing,
    };
  }
}

/** A copy between threads takes own fields only, and a live row makes its values when they are looked at. */
const bare = ({ entity, values, valuesAt, periodS }: LiveEntity): LiveEntity => ({ entity, values, valuesAt, periodS });

/** An import that has failed or is done leaves the history as it is. */
const importedBy = ({ id, state }: JobStatus): ClusterId[] =>
  id.startsWith("import/") && (state === "running" || state === "waiting") ? [id.slice("import/".length)] : [];

type Fleet = Pick<FleetView, "get" | "list" | "tasks">;

export class Snapshot implements Fleet {
  readonly #entities = new Map<EntityId, LiveEntity>();
  readonly #facts = new Map<FactKind, HeldFact[]>();
  readonly #tasks: Task[] = [];
  importing: readonly ClusterId[] = [];

  add({ entities, facts, tasks, importing }: SnapshotPart): void {
    this.importing = importing;
    for (const live of entities) this.#entities.set(live.entity.id, live);
    for (const fact of facts) {
      const known = this.#facts.get(fact.kind);
      if (known === undefined) this.#facts.set(fact.kind, [fact]);
      else known.push(fact);
    }
    this.#tasks.push(...tasks);
  }

  get(id: EntityId): LiveEntity | undefined {
    return this.#entities.get(id);
  }

  list(kind: EntityKind, { gone = false }: { readonly gone?: boolean } = {}): readonly LiveEntity[] {
    return [...this.#entities.values()].filter(
      ({ entity }) => entity.kind === kind && (gone || entity.goneAt === null),
    );
  }

  tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** The facts of the same moment. */
  get facts(): FactsView {
    return { list: (kind) => this.#facts.get(kind) ?? [] };
  }
}
