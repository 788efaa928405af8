// The windows that got rows since they were rolled up last: the table dirty_window, kept in memory beside it.
import type { DuckDBConnection } from "@duckdb/node-api";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { imported, type RollupTier, rollupTiers, type WindowTier } from "../../tiers.ts";
import type { DueWindows } from "./rollup.ts";
import { tableOf } from "./schema.ts";

interface DirtyWindow {
  readonly kind: EntityKind;
  readonly tier: WindowTier;
  readonly beginMs: number;
}

type GroupKey = `${EntityKind}/${WindowTier}`;

export class DirtyWindows {
  readonly #windows = new Map<GroupKey, Set<number>>();
  readonly #newest = new Map<GroupKey, number>();
  #fresh: DirtyWindow[] = [];

  /** What the running transaction has to add to the table. */
  get fresh(): readonly DirtyWindow[] {
    return this.#fresh;
  }

  note(kind: EntityKind, tier: WindowTier, beginMs: number): void {
    const windows = this.#group(kind, tier);
    if (windows.has(beginMs)) return;
    windows.add(beginMs);
    this.#fresh.push({ kind, tier, beginMs });
  }

  committed(): void {
    this.#fresh = [];
  }

  /** The begins, in order, of all dirty windows of a tier up to `untilMs`. */
  due<T extends WindowTier>(tier: T, untilMs: number): DueWindows<T>[] {
    return entityKinds.flatMap((kind) => {
      const windows = [...this.#group(kind, tier)].filter((begin) => begin <= untilMs).sort((a, b) => a - b);
      return windows.length === 0 ? [] : [{ kind, to: tier, windows }];
    });
  }

  rolled(due: readonly DueWindows[]): void {
    this.forget(due);
    for (const { kind, to, windows } of due) {
      const key: GroupKey = `${kind}/${to}`;
      this.#newest.set(key, Math.max(this.rolledUpTo(kind, to), windows.at(-1) ?? 0));
    }
  }

  forget(due: readonly DueWindows<WindowTier>[]): void {
    for (const { kind, to, windows } of due) for (const begin of windows) this.#group(kind, to).delete(begin);
  }

  /** The newest window that was ever rolled up. */
  rolledUpTo(kind: EntityKind, tier: RollupTier): number {
    return this.#newest.get(`${kind}/${tier}`) ?? Number.NEGATIVE_INFINITY;
  }

  async load(connection: DuckDBConnection): Promise<void> {
    const rows = await connection.runAndReadAll("SELECT DISTINCT kind, tier, begin_ms::DOUBLE FROM dirty_window");
    for (const [kind, tier, begin] of rows.getRows())
      this.#group(kind as EntityKind, tier as WindowTier).add(Number(begin));
    for (const kind of entityKinds) for (const tier of rollupTiers) await this.#loadNewest(connection, kind, tier);
  }

  async #loadNewest(connection: DuckDBConnection, kind: EntityKind, tier: RollupTier): Promise<void> {
    const sql = `SELECT max(ts)::DOUBLE FROM "${tableOf(kind, tier)}" WHERE derived <> ${imported}`;
    const newest = (await connection.runAndReadAll(sql)).getRows()[0]?.[0];
    if (typeof newest === "number") this.#newest.set(`${kind}/${tier}`, newest);
  }

  #group(kind: EntityKind, tier: WindowTier): Set<number> {
    const key: GroupKey = `${kind}/${tier}`;
    const windows = this.#windows.get(key) ?? new Set<number>();
    this.#windows.set(key, windows);
    return windows;
  }
}
