// Measurement and tags of series as line protocol, remembered: putting them together takes longer than a row's numbers.
import type { EntityId, EntityKind } from "../../../model/ids.ts";
import { influxTagKeys, influxTagsOfId, measurementOf } from "../../../model/influx-schema.ts";
import type { EntityTags } from "../../sinks/tag-book.ts";
import { seriesKey } from "./line-text.ts";

interface Remembered {
  readonly rowNode: string | null;
  readonly tags: EntityTags | undefined;
  readonly key: string;
}

/** Entities that are gone stay remembered; at some point all are forgotten. */
const mostKeys = 200_000;

export class SeriesKeys {
  readonly #keys = new Map<EntityId, Remembered>();

  /** `rowNode`: where the row says that a guest ran; `tags`: what the inventory says. */
  of(kind: EntityKind, id: EntityId, rowNode: string | null, tags: EntityTags | undefined): string {
    const known = this.#keys.get(id);
    if (known !== undefined && known.rowNode === rowNode && known.tags === tags) return known.key;
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    const key = keyOf(kind, id, rowNode, tags);
    this.#keys.set(id, { rowNode, tags, key });
    return key;
  }
}

function keyOf(kind: EntityKind, id: EntityId, rowNode: string | null, known: EntityTags | undefined): string {
  const node = kind === "guest" ? (rowNode ?? known?.node ?? null) : null;
  const tags = influxTagsOfId(id, { node, type: known?.type ?? null }) ?? {};
  return seriesKey(measurementOf(kind), Object.fromEntries(influxTagKeys.map((name) => [name, tags[name]])));
}
