// What sinks are given by the rest of the program: their settings, and the inventory for their tags.
import type { Settings, SinkConfig } from "../config/settings.ts";
import type { Log } from "../lib/log.ts";
import type { FleetView } from "../model/fleet.ts";
import { entityKinds } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { SinkFeed, StoreOptions } from "../store/index.ts";

/** Secrets leave their wrapping here: settings cross into the store's thread as plain values. */
export function sinkOptions({ sinks, store }: Settings): Pick<StoreOptions, "sinks" | "readFrom"> {
  const read = store.reader === "influx" ? sinks.find(canBeRead) : undefined;
  return { sinks: sinks.map(sinkSettings), ...(read === undefined ? {} : { readFrom: read.id }) };
}

const canBeRead = ({ edition, shape }: SinkConfig): boolean => edition !== "victoria-metrics" && shape !== "pve";

export function sinkSettings({
  id,
  kind,
  token,
  login,
  ...options
}: SinkConfig): NonNullable<StoreOptions["sinks"]>[number] {
  const account = {
    token: token?.reveal() ?? null,
    user: login?.user ?? null,
    password: login?.password.reveal() ?? null,
  };
  return { name: id, kind, options: { ...options, ...account } };
}

/** Tells what is known now, and from then on what changes. Returns how to stop. */
export function tellSinks(fleet: FleetView, feed: Pick<SinkFeed, "describe">, log: Log): () => void {
  const tell = (entities: readonly Entity[]): void => {
    feed
      .describe(entities.map(tagsOf))
      .catch((error: unknown) => log.warn({ err: error }, "sinks were not told of entities"));
  };
  const told = new Map<string, string>();
  const isNews = (entity: Entity): boolean => {
    const { name, type, node } = tagsOf(entity);
    const said = `${name} ${String(type)} ${String(node)}`;
    if (told.get(entity.id) === said) return false;
    told.set(entity.id, said);
    return true;
  };
  const known = entityKinds.flatMap((kind) => fleet.list(kind, { gone: true }).map(({ entity }) => entity));
  tell(known.filter(isNews));
  return fleet.subscribe((change) => {
    if (change.type !== "entities") return;
    const news = change.ids.flatMap((id) => fleet.get(id)?.entity ?? []).filter(isNews);
    if (news.length > 0) tell(news);
  });
}

function tagsOf(entity: Entity): { id: string; name: string; type: string | null; node: string | null } {
  const { id, name } = entity;
  if (entity.kind === "guest") return { id, name, type: entity.type, node: entity.node };
  if (entity.kind === "storage") return { id, name, type: entity.pluginType, node: entity.node };
  return { id, name, type: null, node: null };
}
