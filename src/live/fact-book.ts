// All slow facts as they are now, in memory: readings go in, what has changed comes out. Lists and rules read it.
import type { Fact, FactChange, FactFields, FactReading, FactsView, FactValue, HeldFact } from "../model/facts.ts";
import { factId } from "../model/facts.ts";
import { type FactKind, factEntry } from "../model/facts-catalogue.ts";
import type { ClusterId, EntityId } from "../model/ids.ts";

/** A fact with who told it of what. */
export interface BookedFact extends HeldFact {
  readonly cluster: ClusterId;
  readonly reader: string;
  readonly about: EntityId;
}

export interface BookChange {
  /** Facts that are new or have other fields. */
  readonly written: readonly BookedFact[];
  readonly removed: readonly BookedFact[];
  /** Without what only moves, and without what a first reading brings: that is no news. */
  readonly changes: readonly FactChange[];
}

const nothing: BookChange = { written: [], removed: [], changes: [] };

export class FactBook implements FactsView {
  readonly #facts = new Map<string, BookedFact>();
  readonly #byKind = new Map<FactKind, Map<string, BookedFact>>();
  /** By reader and what it was asked about: the ids of what it told. */
  readonly #told = new Map<string, Set<string>>();

  restore(facts: readonly BookedFact[]): void {
    for (const fact of facts) this.#put(fact);
  }

  /** What has been read once; a first reading is not a list of changes. */
  restoreReads(reads: readonly { readonly reader: string; readonly about: EntityId }[]): void {
    for (const { reader, about } of reads) this.#toldBy(reader, about);
  }

  list(kind: FactKind): readonly HeldFact[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])];
  }

  apply(reading: FactReading): BookChange {
    if (reading.error !== null) return nothing;
    const { reader, about, at } = reading;
    const first = !this.#told.has(toldKey(reader, about));
    const before = [...this.#toldBy(reader, about)];
    const changes: FactChange[] = [];
    const written: BookedFact[] = [];
    for (const fact of reading.facts) {
      const known = this.#facts.get(factId(fact));
      const change = first && known === undefined ? undefined : changeOf(known, fact, at);
      if (change !== undefined) changes.push(change);
      const moved = known === undefined || !sameFields(known.fields, fact.fields);
      const changedAt = known === undefined || change !== undefined ? at : known.changedAt;
      const booked = { ...fact, cluster: reading.cluster, reader, about, readAt: at, changedAt };
      this.#put(booked);
      if (moved || known.about !== about) written.push(booked);
    }
    const now = new Set(reading.facts.map(factId));
    const gone = before.filter((id) => !now.has(id) && reading.kinds.includes(this.#facts.get(id)?.kind as FactKind));
    const removed = gone.flatMap((id) => this.#remove(id));
    changes.push(...removed.map((fact) => removal(fact, at)));
    return { written, removed, changes };
  }

  /** Forgets what is about things that are gone. */
  forget(ids: ReadonlySet<EntityId>): readonly BookedFact[] {
    const removed = [...this.#facts.values()].filter(({ subject, about }) => ids.has(subject) || ids.has(about));
    for (const fact of removed) this.#remove(factId(fact));
    return removed;
  }

  #put(fact: BookedFact): void {
    const id = factId(fact);
    const known = this.#facts.get(id);
    if (known !== undefined) this.#toldBy(known.reader, known.about).delete(id);
    this.#facts.set(id, fact);
    const ofKind = this.#byKind.get(fact.kind) ?? new Map<string, BookedFact>();
    this.#byKind.set(fact.kind, ofKind.set(id, fact));
    this.#toldBy(fact.reader, fact.about).add(id);
  }

  #remove(id: string): BookedFact[] {
    const fact = this.#facts.get(id);
    if (fact === undefined) return [];
    this.#facts.delete(id);
    this.#byKind.get(fact.kind)?.delete(id);
    this.#toldBy(fact.reader, fact.about).delete(id);
    return [fact];
  }

  #toldBy(reader: string, about: EntityId): Set<string> {
    const key = toldKey(reader, about);
    const known = this.#told.get(key);
    if (known !== undefined) return known;
    const told = new Set<string>();
    this.#told.set(key, told);
    return told;
  }
}

const toldKey = (reader: string, about: EntityId): string => `${reader}\n${about}`;

/** undefined when nothing but moving fields differs. */
function changeOf(known: Fact | undefined, fact: Fact, at: number): FactChange | undefined {
  const { kind, subject, key } = fact;
  if (known === undefined)
    return { kind, subject, key, at, change: "added", before: null, after: fact.fields, by: null };
  const fields = Object.entries(factEntry(kind).fields)
    .filter(([name, field]) => field.moving !== true && !same(known.fields[name], fact.fields[name]))
    .map(([name]) => name);
  if (fields.length === 0) return undefined;
  const only = (from: FactFields): FactFields => Object.fromEntries(fields.map((name) => [name, from[name] ?? null]));
  return { kind, subject, key, at, change: "changed", before: only(known.fields), after: only(fact.fields), by: null };
}

const removal = ({ kind, subject, key, fields }: Fact, at: number): FactChange => ({
  kind,
  subject,
  key,
  at,
  change: "removed",
  before: fields,
  after: null,
  by: null,
});

const sameFields = (a: FactFields, b: FactFields): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => same(a[name], b[name]));

function same(a: FactValue | undefined, b: FactValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((word, index) => word === b[index]);
  return (a ?? null) === (b ?? null);
}
