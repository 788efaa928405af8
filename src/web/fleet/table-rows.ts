// From everything there is to the rows of the table: grouped as a tree or flat, filtered, sorted. Pure.
import { type ColumnId, columns, worstColumn } from "./columns.ts";
import { isEmpty, matches, parseFilter } from "./filter.ts";
import type { ClusterItem, FleetItem, GuestItem, NodeItem, StorageItem } from "./item.ts";
import type { TableView } from "./table-view.ts";
import { totalsOf, withGuestIo, withTotals } from "./totals.ts";

export interface TableRow {
  readonly item: FleetItem;
  /** 1 for a cluster (and for every row of a flat table). */
  readonly level: number;
  /** null: nothing below it. */
  readonly open: boolean | null;
}

export interface TableRows {
  readonly rows: readonly TableRow[];
  /** How many entities match, of how many. */
  readonly matching: number;
  readonly total: number;
}

interface Branch {
  readonly item: FleetItem;
  readonly children: readonly Branch[];
}

/** Means of sparklines, for sorting by them; absent where not fetched. */
export type SparkMeans = ReadonlyMap<string, number>;

/** Clusters and nodes with the sums of what they hold, and everything else as it is. Done once per change, not per key press. */
export function enrich(items: Iterable<FleetItem>): readonly FleetItem[] {
  const present = [...items].filter((item) => item.gone_at === null);
  const byCluster = groupBy(present, (item) => item.cluster);
  const guestsByNode = groupBy(present.filter(isGuest), (guest) => `${guest.cluster}/${guest.node}`);
  return present.map((item) => {
    if (item.kind === "cluster") return withTotals(item, totalsOf(byCluster.get(item.cluster) ?? []));
    if (item.kind === "node") return withGuestIo(item, guestsByNode.get(`${item.cluster}/${item.name}`) ?? []);
    return item;
  });
}

export function tableRows(items: readonly FleetItem[], view: TableView, means: SparkMeans): TableRows {
  const filter = parseFilter(view.filter);
  const all = isEmpty(filter);
  const matching = all ? items : items.filter((item) => matches(filter, item));
  const compare = comparator(view.sort, view.descending, means);
  const counts = { matching: matching.length, total: items.length };
  if (!view.grouped)
    return { rows: [...matching].sort(compare).map((item) => ({ item, level: 1, open: null })), ...counts };
  const wanted = all ? null : new Set(matching.map((item) => item.id));
  const branches = prune(tree(items), wanted);
  const rows: TableRow[] = [];
  // What a person searched for must be seen, folded or not.
  unfold(branches, compare, all ? view.folded : new Set(), 1, rows);
  return { rows, ...counts };
}

/** Clusters → nodes and shared storages; nodes → guests and their own storages. Orphans stand where their parent would. */
function tree(items: readonly FleetItem[]): readonly Branch[] {
  const byParent = groupBy(items, parentId);
  const known = new Set(items.map((item) => item.id));
  const branch = (item: FleetItem): Branch => ({ item, children: (byParent.get(item.id) ?? []).map(branch) });
  return items.filter((item) => !known.has(parentId(item))).map(branch);
}

function parentId(item: FleetItem): string {
  switch (item.kind) {
    case "cluster":
      return "";
    case "node":
      return `${item.cluster}/cluster`;
    case "guest":
      return `${item.cluster}/node/${item.node}`;
    case "storage":
      return item.node === null ? `${item.cluster}/cluster` : `${item.cluster}/node/${item.node}`;
  }
}

/** Keeps what is wanted and the way to it. */
function prune(branches: readonly Branch[], wanted: ReadonlySet<string> | null): readonly Branch[] {
  if (wanted === null) return branches;
  return branches.flatMap((branch) => {
    const children = prune(branch.children, wanted);
    return wanted.has(branch.item.id) || children.length > 0 ? [{ item: branch.item, children }] : [];
  });
}

// Below a node come guests, templates, then storages, whatever the order within each; nodes stand before shared storages.
function rank(item: FleetItem): number {
  if (item.kind === "guest") return item.template ? 2 : 1;
  return item.kind === "storage" ? 3 : 0;
}

function unfold(
  branches: readonly Branch[],
  compare: Compare,
  folded: ReadonlySet<string>,
  level: number,
  rows: TableRow[],
): void {
  const sorted = [...branches].sort((a, b) => rank(a.item) - rank(b.item) || compare(a.item, b.item));
  for (const { item, children } of sorted) {
    const open = children.length === 0 ? null : !folded.has(item.id);
    rows.push({ item, level, open });
    if (open === true) unfold(children, compare, folded, level + 1, rows);
  }
}

type Compare = (a: FleetItem, b: FleetItem) => number;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Absent values come last in either order; equals are ordered by name, so that rows do not dance. */
function comparator(sort: ColumnId, descending: boolean, means: SparkMeans): Compare {
  const column = [...columns, worstColumn].find(({ id }) => id === sort);
  const sortValueOf = column?.sortValue ?? ((item: FleetItem) => means.get(item.id) ?? null);
  const cache = new Map<FleetItem, string | number | null>();
  const cached = (item: FleetItem): string | number | null => {
    const known = cache.get(item);
    if (known !== undefined) return known;
    const value = sortValueOf(item);
    cache.set(item, value);
    return value;
  };
  return (a, b) =>
    compareValues(cached(a), cached(b), descending) || collator.compare(a.name, b.name) || collator.compare(a.id, b.id);
}

function compareValues(a: string | number | null, b: string | number | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
  return descending ? -order : order;
}

function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

export const isCluster = (item: FleetItem): item is ClusterItem => item.kind === "cluster";
export const isNode = (item: FleetItem): item is NodeItem => item.kind === "node";
export const isGuest = (item: FleetItem): item is GuestItem => item.kind === "guest";
export const isStorage = (item: FleetItem): item is StorageItem => item.kind === "storage";
