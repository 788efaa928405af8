// What was known of clusters, nodes, guests and storages when it was last seen, so that a restart shows at once what
// there is and knows again what is gone.
import { inGroups } from "../../lib/in-groups.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { Entity } from "../../model/inventory.ts";
import type { StateDatabase } from "./schema.ts";

/** Five columns each; below SQLite's and PostgreSQL's limits for parameters. */
const rowsPerStatement = 200;

export interface Entities {
  /** Gone ones included; in the order of their ids. */
  load(cluster: ClusterId): Promise<readonly Entity[]>;
  /** Adds or replaces; all or none. */
  save(entities: readonly Entity[]): Promise<void>;
}

export function entitiesIn(db: StateDatabase): Entities {
  return {
    async load(cluster) {
      const rows = await db
        .selectFrom("entities")
        .select("body")
        .where("cluster", "=", cluster)
        .orderBy("id")
        .execute();
      return rows.map((row) => JSON.parse(row.body) as Entity);
    },

    async save(entities) {
      // The last one wins, as it would one by one; a statement must not touch a row twice.
      const unique = [...new Map(entities.map((entity) => [entity.id, entity])).values()];
      if (unique.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        for (const some of inGroups(unique, rowsPerStatement)) {
          await transaction
            .insertInto("entities")
            .values(some.map(rowOf))
            .onConflict((conflict) =>
              conflict.column("id").doUpdateSet((row) => ({
                gone_at: row.ref("excluded.gone_at"),
                body: row.ref("excluded.body"),
              })),
            )
            .execute();
        }
      });
    },
  };
}

const rowOf = (entity: Entity) => ({
  id: entity.id,
  cluster: entity.cluster,
  kind: entity.kind,
  gone_at: entity.goneAt,
  body: JSON.stringify(entity),
});
