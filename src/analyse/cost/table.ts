// The table of costs: guests' lines in groups, idle and shared costs as lines of their own or given to the guests. It adds
// up to the total in the currency's smallest coin.
import type { CostAggregate, CostRow } from "../../model/cost-answer.ts";
import { type CostLine, type CostUse, storageClassOf } from "../../model/cost-ledger.ts";
import { parseEntityId } from "../../model/ids.ts";
import type { CostSlice } from "./engine.ts";
import { microsOf } from "./ledger.ts";
import { apportion, coinsToAmount, inCoins } from "./money.ts";
import { distribute, type ShareWish } from "./share.ts";

export interface TableWish extends ShareWish {
  readonly aggregate: CostAggregate;
  /** Of tags: only those that begin so; empty: all tags of a guest together. */
  readonly tagPrefix: string;
}

export interface CostTable {
  readonly rows: readonly CostRow[];
  readonly total: number;
}

type Slice = Pick<CostSlice, "guests" | "idle" | "shared">;

/** A group before it is rounded; micros by part. */
interface Group {
  readonly kind: CostRow["kind"];
  readonly key: string;
  readonly name: string;
  readonly guests: Set<string>;
  cpu: number;
  memory: number;
  storage: number;
  shared: number;
  coreHours: number;
  memoryHours: number;
  storageHours: number;
  usedCost: number;
  knownCost: number;
  estimatedHours: number;
}

export function costTable(slice: Slice, wish: TableWish, digits: number): CostTable {
  const groups = new Map<string, Group>();
  const { toLines, idle, shared } = distribute(slice, wish);
  for (const [index, line] of slice.guests.entries()) {
    const places = placesOf(line, wish);
    const costs = places.map(([, , use]) => microsOf(use));
    const parts = apportion(toLines[index] ?? 0, costs);
    for (const [place, [key, name, use]] of places.entries()) {
      const group = groupAt(groups, "group", key, name);
      addLine(group, line, use);
      group.shared += parts[place] ?? 0;
    }
  }
  for (const [resource, use] of Object.entries(idle)) {
    addUse(groupAt(groups, "idle", resource, `Idle ${resourceName(resource)}`), resource, use);
  }
  for (const { name, micros } of shared) groupAt(groups, "shared", name, name).shared += micros;
  return roundedTable([...groups.values()], digits);
}

/** `cpu` is CPU, `memory` Memory, `storage:ssd` Storage ssd. */
export function resourceName(resource: string): string {
  const storage = storageClassOf(resource);
  return storage === null ? (resource === "cpu" ? "CPU" : "memory") : `storage ${storage}`;
}

type Uses = Readonly<Record<string, CostUse>>;
type Place = readonly [key: string, name: string, use: Uses];

/** Where a guest's line belongs; by resource it is taken apart. */
function placesOf(line: CostLine, { aggregate, tagPrefix }: TableWish): readonly Place[] {
  const one = (key: string | null, none: string): readonly Place[] => [[key ?? "", key ?? none, line.use]];
  switch (aggregate) {
    case "guest":
      return [[line.id, line.name, line.use]];
    case "node":
      return one(line.node, "No node");
    case "pool":
      return one(line.pool, "No pool");
    case "owner":
      return one(line.owner, "No owner");
    case "environment":
      return one(line.environment, "No environment");
    case "cluster":
      return one(parseEntityId(line.id)?.cluster ?? null, "No cluster");
    case "tag":
      return one(tagOf(line.tags, tagPrefix), tagPrefix === "" ? "No tag" : `No tag ${tagPrefix}…`);
    case "resource":
      // A guest that used nothing still gets its part of what is shared.
      if (Object.keys(line.use).length === 0) return one(null, "No resource");
      return Object.entries(line.use).map(([resource, use]) => [
        resource,
        titled(resourceName(resource)),
        { [resource]: use },
      ]);
  }
}

const titled = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** One group per guest, so that the table adds up: all its tags, or the first that begins as asked. */
function tagOf(tags: readonly string[], prefix: string): string | null {
  const sorted = [...tags].sort();
  if (prefix === "") return sorted.length === 0 ? null : sorted.join(", ");
  return sorted.find((tag) => tag.startsWith(prefix)) ?? null;
}

function groupAt(groups: Map<string, Group>, kind: CostRow["kind"], key: string, name: string): Group {
  const id = `${kind}\n${key}`;
  const held = groups.get(id);
  if (held !== undefined) return held;
  const none = { cpu: 0, memory: 0, storage: 0, shared: 0, coreHours: 0, memoryHours: 0, storageHours: 0 };
  const made = { kind, key, name, guests: new Set<string>(), ...none, usedCost: 0, knownCost: 0, estimatedHours: 0 };
  groups.set(id, made);
  return made;
}

function addLine(group: Group, line: CostLine, uses: Uses): void {
  group.guests.add(line.id);
  group.estimatedHours += line.estimatedHours;
  for (const [resource, use] of Object.entries(uses)) addUse(group, resource, use);
}

const hoursOf = { cpu: "coreHours", memory: "memoryHours", storage: "storageHours" } as const;

function addUse(group: Group, resource: string, { micros, quantity, used }: CostUse): void {
  const part = resource === "cpu" || resource === "memory" ? resource : "storage";
  group[part] += micros;
  group[hoursOf[part]] += quantity;
  if (used === null || quantity <= 0) return;
  group.knownCost += micros;
  group.usedCost += micros * (used / quantity);
}

const kinds = ["group", "idle", "shared"];

function roundedTable(groups: readonly Group[], digits: number): CostTable {
  const sorted = [...groups]
    .map((group) => ({ group, micros: group.cpu + group.memory + group.storage + group.shared }))
    .sort((a, b) => kinds.indexOf(a.group.kind) - kinds.indexOf(b.group.kind) || b.micros - a.micros);
  const coins = inCoins(
    sorted.map(({ micros }) => micros),
    digits,
  );
  const rows = sorted.map(({ group }, index) => rowOf(group, coins.parts[index] ?? 0, digits));
  return { rows, total: coinsToAmount(coins.total, digits) };
}

function rowOf(group: Group, coins: number, digits: number): CostRow {
  const parts = apportion(coins, [group.cpu, group.memory, group.storage, group.shared]);
  const amount = (part: number): number => coinsToAmount(parts[part] ?? 0, digits);
  const hours = (value: number): number => Number(value.toFixed(3));
  return {
    kind: group.kind,
    key: group.key,
    name: group.name,
    guests: group.guests.size,
    cost: coinsToAmount(coins, digits),
    cpu: amount(0),
    memory: amount(1),
    storage: amount(2),
    shared: amount(3),
    core_hours: hours(group.coreHours),
    memory_gib_hours: hours(group.memoryHours),
    storage_gib_hours: hours(group.storageHours),
    used_share: group.knownCost > 0 ? Number((group.usedCost / group.knownCost).toFixed(4)) : null,
    estimated_hours: hours(group.estimatedHours),
  };
}
