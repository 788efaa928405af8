// Results of jobs and what people entered for them: the newest of each name, cluster and key. Bodies are JSON, deflated,
// because some are large and all are read as a whole.
import { promisify } from "node:util";
import { deflateRawSync, inflateRaw } from "node:zlib";
import type { Clock } from "../../lib/clock.ts";
import type { AnalysisDocument, AnalysisDocuments, DocumentsQuery } from "../../model/analysis.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { StateDatabase } from "./schema.ts";

export type NewDocument = Omit<AnalysisDocument, "at">;

/** A document whose body is JSON, deflated: what analysis makes is packed in its own thread. */
export type PackedDocument = Omit<NewDocument, "body"> & { readonly packed: Uint8Array };

/** As it is kept, for another thread to unpack. */
export type HeldDocument = PackedDocument & Pick<AnalysisDocument, "at">;

export interface StoredDocuments extends AnalysisDocuments {
  /** As `list`, with the bodies still packed. */
  held(query: DocumentsQuery): Promise<readonly HeldDocument[]>;
  save(documents: readonly PackedDocument[]): Promise<void>;
  /** False when there is none. */
  remove(document: Pick<AnalysisDocument, "name" | "cluster" | "key">): Promise<boolean>;
  /** When each name was last written for a cluster. */
  latest(): Promise<readonly Pick<AnalysisDocument, "name" | "cluster" | "at">[]>;
}

/** Most of the size for a tenth of the time of the default level. */
const level = 1;

export const packDocument = ({ body, ...rest }: NewDocument): PackedDocument => ({
  ...rest,
  packed: deflateRawSync(JSON.stringify(body), { level }),
});

const inflate = promisify(inflateRaw);

export async function unpackDocument({ packed, ...rest }: HeldDocument): Promise<AnalysisDocument> {
  return { ...rest, body: JSON.parse((await inflate(packed)).toString("utf8")) as unknown };
}

/** Part of the key, and keys may not be null. No cluster has an empty id. */
const wholeFleet = "";

export function documentsIn(db: StateDatabase, clock: Clock): StoredDocuments {
  return {
    async save(documents) {
      const at = clock.now();
      if (documents.length === 0) return;
      const rows = documents.map((document) => rowOf(document, at));
      await db.transaction().execute(async (transaction) => {
        for (const row of rows) {
          await transaction
            .insertInto("documents")
            .values(row)
            .onConflict((conflict) =>
              conflict.columns(["name", "cluster", "key"]).doUpdateSet({ at: row.at, body: row.body }),
            )
            .execute();
        }
      });
    },

    held: (query) => heldIn(db, query),

    list: async (query) => Promise.all((await heldIn(db, query)).map(unpackDocument)),

    async remove({ name, cluster, key }) {
      const [result] = await db
        .deleteFrom("documents")
        .where("name", "=", name)
        .where("cluster", "=", cluster ?? wholeFleet)
        .where("key", "=", key)
        .execute();
      return (result?.numDeletedRows ?? 0n) > 0n;
    },

    async latest() {
      const rows = await db
        .selectFrom("documents")
        .select(({ fn }) => ["name", "cluster", fn.max("at").as("at")])
        .groupBy(["name", "cluster"])
        .execute();
      return rows.map(({ name, cluster, at }) => ({ name, cluster: clusterOf(cluster), at }));
    },
  };
}

async function heldIn(
  db: StateDatabase,
  { name, cluster, fromKey, toKey }: DocumentsQuery,
): Promise<readonly HeldDocument[]> {
  let query = db.selectFrom("documents").selectAll().where("name", "=", name);
  if (cluster !== undefined) query = query.where("cluster", "=", cluster ?? wholeFleet);
  if (fromKey !== undefined) query = query.where("key", ">=", fromKey);
  if (toKey !== undefined) query = query.where("key", "<=", toKey);
  const rows = await query.orderBy("cluster").orderBy("key").execute();
  return rows.map(({ body, cluster: held, key, at }) => ({ name, cluster: clusterOf(held), key, at, packed: body }));
}

const clusterOf = (cluster: string): ClusterId | null => (cluster === wholeFleet ? null : cluster);

const rowOf = ({ name, cluster, key, packed }: PackedDocument, at: number) => ({
  name,
  cluster: cluster ?? wholeFleet,
  key,
  at,
  // The driver takes a Buffer for bytes, and nothing else.
  body: Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength),
});
