// The table's view state as it stands in the address: filter, order, grouping, columns, folded rows, density.
import { type ColumnId, columnIds, isColumnId } from "./columns.ts";

export interface TableView {
  readonly filter: string;
  readonly sort: ColumnId;
  readonly descending: boolean;
  readonly grouped: boolean;
  /** Without the name, which is always there. */
  readonly shown: readonly ColumnId[];
  readonly folded: ReadonlySet<string>;
  readonly compact: boolean;
}

/** Reads the state; what it does not know is left at its default, so that an old link still opens. */
export function parseTableView(query: URLSearchParams): TableView {
  const sortText = query.get("sort") ?? "name";
  const sort = sortText.replace(/^-/, "");
  return {
    filter: query.get("q") ?? "",
    sort: isColumnId(sort) ? sort : "name",
    descending: sortText.startsWith("-"),
    grouped: query.get("group") !== "flat",
    shown: shownColumns(query.get("cols")),
    folded: new Set((query.get("folded") ?? "").split(",").filter((id) => id !== "")),
    compact: query.get("density") === "compact",
  };
}

function shownColumns(text: string | null): readonly ColumnId[] {
  const wanted = text?.split(",");
  return columnIds.filter((id) => id !== "name" && (wanted?.includes(id) ?? true));
}

type Change = Partial<TableView>;

/** The parameters that a change of the view sets (null: back to the default, so that links stay short). */
export function printTableView(change: Change): Record<string, string | null> {
  const out: Record<string, string | null> = {};
  if (change.filter !== undefined) out["q"] = change.filter === "" ? null : change.filter;
  if (change.sort !== undefined) out["sort"] = printSort(change.sort, change.descending ?? false);
  if (change.grouped !== undefined) out["group"] = change.grouped ? null : "flat";
  if (change.shown !== undefined)
    out["cols"] = change.shown.length === columnIds.length - 1 ? null : change.shown.join(",");
  if (change.folded !== undefined)
    out["folded"] = change.folded.size === 0 ? null : [...change.folded].sort().join(",");
  if (change.compact !== undefined) out["density"] = change.compact ? "compact" : null;
  return out;
}

function printSort(sort: ColumnId, descending: boolean): string | null {
  const text = `${descending ? "-" : ""}${sort}`;
  return text === "name" ? null : text;
}

/** A click on a heading: numbers begin with the largest, words with A; a second click turns the order. */
export function nextSort(
  view: Pick<TableView, "sort" | "descending">,
  clicked: ColumnId,
): { sort: ColumnId; descending: boolean } {
  if (view.sort === clicked) return { sort: clicked, descending: !view.descending };
  return { sort: clicked, descending: !["name", "kind", "tags"].includes(clicked) };
}
