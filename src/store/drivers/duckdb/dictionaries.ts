// What the driver keeps in memory of its small tables: numbers of series and nodes, dirty windows, marks, the cursor.
// All of it is what the database holds plus what the running transaction adds; after a rollback it is read anew.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EntityId, EntityKind } from "../../../model/ids.ts";
import { DirtyWindows } from "./dirty-windows.ts";
import type { Dictionaries } from "./rows-into-tables.ts";

export interface SeriesEntry {
  readonly sid: number;
  readonly id: EntityId;
  readonly kind: EntityKind;
  readonly firstSeen: number;
  lastSeen: number;
}

/** Batch ids remembered for the refusal of doubles; a retry comes within minutes, this is days. */
export const rememberedBatches = 20_000;

export class DriverState implements Dictionaries {
  readonly byId = new Map<EntityId, SeriesEntry>();
  /** By number less one; one that was lost with a damaged database leaves a hole. */
  readonly bySid: SeriesEntry[] = [];
  readonly nodeNames: string[] = [""];
  readonly #nodeNumbers = new Map<string, number>();
  readonly #seriesOfKind = new Map<EntityKind, number>();
  readonly dirty = new DirtyWindows();
  readonly marks = new Map<string, Map<string, number>>();
  readonly batchIds = new Set<string>();
  cursor = 0;
  /** What the running transaction has to write into the small tables. */
  newSeries: SeriesEntry[] = [];
  newNodes: { readonly node: number; readonly name: string }[] = [];
  /** Series whose last_seen in the table is behind. */
  readonly seen = new Set<SeriesEntry>();

  sid(id: EntityId, kind: EntityKind, ts: number): number {
    const entry = this.byId.get(id) ?? this.#addSeries(id, kind, ts);
    if (ts > entry.lastSeen) {
      entry.lastSeen = ts;
      this.seen.add(entry);
    }
    return entry.sid;
  }

  node(name: string): number {
    const known = this.#nodeNumbers.get(name);
    if (known !== undefined) return known;
    const node = this.nodeNames.length;
    this.#rememberNode(node, name);
    this.newNodes.push({ node, name });
    return node;
  }

  noteBatch(batchId: string): void {
    this.batchIds.add(batchId);
    if (this.batchIds.size <= 2 * rememberedBatches) return;
    for (const oldest of this.batchIds) {
      if (this.batchIds.size <= rememberedBatches) break;
      this.batchIds.delete(oldest);
    }
  }

  noteMarks(cluster: string, marks: Readonly<Record<string, number>>): void {
    const known = this.marks.get(cluster) ?? new Map<string, number>();
    for (const [key, value] of Object.entries(marks)) known.set(key, value);
    this.marks.set(cluster, known);
  }

  seriesCount(kind: EntityKind): number {
    return this.#seriesOfKind.get(kind) ?? 0;
  }

  committed(): void {
    this.newSeries = [];
    this.newNodes = [];
    this.dirty.committed();
  }

  #addSeries(id: EntityId, kind: EntityKind, ts: number): SeriesEntry {
    const entry = { sid: this.bySid.length + 1, id, kind, firstSeen: ts, lastSeen: ts };
    this.#rememberSeries(entry);
    this.newSeries.push(entry);
    return entry;
  }

  #rememberSeries(entry: SeriesEntry): void {
    this.byId.set(entry.id, entry);
    this.bySid[entry.sid - 1] = entry;
    this.#seriesOfKind.set(entry.kind, this.seriesCount(entry.kind) + 1);
  }

  #rememberNode(node: number, name: string): void {
    this.#nodeNumbers.set(name, node);
    this.nodeNames[node] = name;
  }

  static async load(connection: DuckDBConnection): Promise<DriverState> {
    const state = new DriverState();
    const read = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
      (await connection.runAndReadAll(sql)).getRows();
    const series = "SELECT sid, id, kind, first_seen::DOUBLE, last_seen::DOUBLE FROM series ORDER BY sid";
    for (const [sid, id, kind, firstSeen, lastSeen] of await read(series)) {
      state.#rememberSeries({
        sid: Number(sid),
        id: String(id),
        kind: String(kind) as EntityKind,
        firstSeen: Number(firstSeen),
        lastSeen: Number(lastSeen),
      });
    }
    for (const [node, name] of await read("SELECT node, name FROM node_name")) {
      state.#rememberNode(Number(node), String(name));
    }
    await state.dirty.load(connection);
    for (const [cluster, key, value] of await read("SELECT cluster, key, value FROM mark ORDER BY seq")) {
      state.noteMarks(String(cluster), { [String(key)]: Number(value) });
    }
    for (const [batchId] of await read("SELECT batch_id FROM applied_batch ORDER BY seq")) {
      state.noteBatch(String(batchId));
    }
    state.cursor = Number((await read("SELECT max(seq)::DOUBLE FROM journal_cursor"))[0]?.[0] ?? 0);
    return state;
  }
}
