// The home table as signals: its view state from the address, and the rows that follow from it.
import { computed } from "@preact/signals";
import { fleet } from "../live/live.ts";
import { query, setQuery } from "../location.ts";
import { sparks } from "./spark.ts";
import { type SparkMeans, tableRows } from "./table-rows.ts";
import { parseTableView, printTableView, type TableView } from "./table-view.ts";

export const tableView = computed(() => parseTableView(query.value));

/** Read only while it sorts: otherwise each fetched sparkline would sort everything anew. */
export const sparkMeans = computed<SparkMeans>(() => {
  const means = new Map<string, number>();
  for (const [id, { mean }] of sparks.value) if (mean !== null) means.set(id, mean);
  return means;
});
const noMeans: SparkMeans = new Map();

export const homeRows = computed(() =>
  tableRows(fleet.value ?? [], tableView.value, tableView.value.sort === "spark" ? sparkMeans.value : noMeans),
);

export const changeView = (change: Partial<TableView>): void => setQuery(printTableView(change));

/** The name of the performance measure from a key press in the filter to the changed table. */
export const filterMeasure = "pilothouse:filter";
const filterStart = `${filterMeasure}:start`;
let filtering = false;

export function setFilter(text: string): void {
  performance.mark(filterStart);
  filtering = true;
  changeView({ filter: text });
}

/** Called when the table has been changed in the document. */
export function noteTableDrawn(): void {
  if (!filtering) return;
  filtering = false;
  performance.measure(filterMeasure, filterStart);
}
