// What storages lie on, and which of them share one space: capacity counts once per backing, not once per storage id.
import { aFact, type Fact } from "../../../model/facts.ts";
import type { StorageEntity } from "../../../model/inventory.ts";
import {
  storageBackings as askBackings,
  capabilitiesOf,
  PveRefusedError,
  type StorageBacking,
  storageIdentity,
} from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";

export const storageBackings: FactReader<"cluster"> = {
  name: "storage_backings",
  scope: "cluster",
  tells: ["storage_backing"],
  needs: ["Datastore.Audit"],
  async read(context) {
    const { rows } = (await askBackings(context.pve, context.options)).data;
    const byId = new Map(rows.map((row) => [row.storage, row]));
    const placed = context.fleet.storages.map((storage) => {
      const row = byId.get(storage.storage);
      return { storage, row, place: placeOf(storage, row) };
    });
    const facts: Fact[] = [];
    for (const { storage, row, place } of placed) {
      const others = placed
        .filter((other) => other.place !== undefined && other.place === place)
        .map((other) => other.storage);
      const identity = await identityOf(context, storage);
      facts.push(
        aFact("storage_backing", storage.id, "", {
          backing: orNull(place),
          type: row?.type ?? storage.pluginType,
          identity: orNull(identity),
          shared_with: others
            .filter(({ id }) => id !== storage.id)
            .map(({ name }) => name)
            .sort(),
        }),
      );
    }
    return { facts };
  },
};

/** A pool of the same name on two nodes is two pools. */
function placeOf(storage: StorageEntity, row: StorageBacking | undefined): string | undefined {
  if (row?.backing === undefined) return undefined;
  return storage.node === null || row.shared ? row.backing : `${storage.node} ${row.backing}`;
}

/** 9.2 and newer. A storage that does not tell is known by its backing alone. */
async function identityOf(context: FactContext, storage: StorageEntity): Promise<string | undefined> {
  const node = context.fleet.nodeOfStorage(storage);
  if (node === undefined || storage.status !== "available" || !knowsIdentity(context, node)) return undefined;
  try {
    return (await storageIdentity(context.pve, node, storage.storage, context.options)).data;
  } catch (error) {
    if (error instanceof PveRefusedError) return undefined;
    throw error;
  }
}

function knowsIdentity({ fleet }: FactContext, name: string): boolean {
  const version = fleet.nodes.find((node) => node.name === name)?.version ?? null;
  return version !== null && capabilitiesOf(version).storageIdentity;
}
