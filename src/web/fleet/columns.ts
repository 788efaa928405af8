// The columns of the big table: name, width, and the value that sorts them. What is absent sorts last either way.
import { type FleetItem, kindLabel, momentOf } from "./item.ts";
import { cpuOf, diskIoOf, diskOf, memoryOf, networkOf, uptimeOf, worstOf } from "./measures.ts";

export const columnIds = [
  "name",
  "kind",
  "tags",
  "cpu",
  "memory",
  "disk",
  "spark",
  "network",
  "io",
  "uptime",
  "age",
] as const;
export type ColumnId = (typeof columnIds)[number] | "worst";

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** Least width in pixels. */
  readonly width: number;
  /** Share of the room that is left over. */
  readonly grow: number;
  readonly right: boolean;
  /** Undefined: the value comes from elsewhere (the sparkline's mean). */
  readonly sortValue?: (item: FleetItem) => string | number | null;
  readonly hint?: string;
}

export const columns: readonly Column[] = [
  { id: "name", title: "Name", width: 184, grow: 2.2, right: false, sortValue: (item) => item.name },
  { id: "kind", title: "Kind", width: 72, grow: 0.7, right: false, sortValue: kindLabel },
  { id: "tags", title: "Tags", width: 90, grow: 1.1, right: false, sortValue: tagText },
  {
    id: "cpu",
    title: "CPU",
    width: 116,
    grow: 1.3,
    right: false,
    sortValue: (item) => cpuOf(item)?.ratio ?? null,
  },
  {
    id: "memory",
    title: "Memory",
    width: 116,
    grow: 1.3,
    right: false,
    sortValue: (item) => memoryOf(item)?.ratio ?? null,
  },
  {
    id: "disk",
    title: "Disk",
    width: 116,
    grow: 1.3,
    right: false,
    sortValue: (item) => diskOf(item)?.ratio ?? null,
    hint: "Node and container: root file system; storage: itself; cluster: all storages, shared ones once",
  },
  {
    id: "spark",
    title: "CPU, 24 h",
    width: 108,
    grow: 0,
    right: false,
    hint: "Sorts by the mean of the last 24 hours",
  },
  {
    id: "network",
    title: "Network",
    width: 90,
    grow: 0,
    right: true,
    sortValue: networkOf,
    hint: "In and out together",
  },
  {
    id: "io",
    title: "Disk I/O",
    width: 90,
    grow: 0,
    right: true,
    sortValue: diskIoOf,
    hint: "Read and written together; nodes and clusters: the sum of their guests",
  },
  { id: "uptime", title: "Uptime", width: 84, grow: 0, right: true, sortValue: uptimeOf },
  {
    id: "age",
    title: "Age",
    width: 58,
    grow: 0,
    right: true,
    sortValue: (item) => negate(momentOf(item.values_at)),
    hint: "Age of the newest value",
  },
];

/** For a narrow screen: the fullest bar alone. */
export const worstColumn: Column = {
  id: "worst",
  title: "Worst",
  width: 116,
  grow: 0.8,
  right: false,
  sortValue: (item) => worstOf(item)?.gauge.ratio ?? null,
};

const negate = (value: number | null): number | null => (value === null ? null : -value);

function tagText(item: FleetItem): string | null {
  if (item.kind === "guest") return item.tags.length === 0 ? null : item.tags.join(" ");
  return item.kind === "storage" ? item.plugin_type : null;
}

export const isColumnId = (text: string): text is ColumnId =>
  (columnIds as readonly string[]).includes(text) || text === "worst";
