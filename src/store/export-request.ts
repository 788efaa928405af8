// What is to be written into a file, and how.
import type { EntityId, EntityKind } from "../model/ids.ts";
import type { Tier } from "../model/store.ts";

export const exportFormats = ["parquet", "csv", "line-protocol"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportRequest {
  readonly kind: EntityKind;
  readonly tier: Tier;
  /** null: all of the kind. */
  readonly ids: readonly EntityId[] | null;
  readonly clusters: readonly string[] | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly format: ExportFormat;
  /** Absolute; written anew. */
  readonly file: string;
}
