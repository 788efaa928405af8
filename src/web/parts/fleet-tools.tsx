// Above the table: how much it shows, grouped or flat, columns, density, CSV.
import { columns } from "../fleet/columns.ts";
import { changeView, homeRows, tableView } from "../fleet/home-view.ts";
import { tableCsv } from "../fleet/table-csv.ts";
import { isGuest, isNode, isStorage } from "../fleet/table-rows.ts";
import { plural } from "../format.ts";
import { fleet } from "../live/live.ts";
import { isPhone } from "./media.ts";
import { Menu } from "./menu.tsx";

export function FleetTools() {
  const view = tableView.value;
  return (
    <div class="panel-tools">
      <Counts />
      <span class="choice">
        <Choice chosen={view.grouped} choose={() => changeView({ grouped: true })} word="grouped" />
        <span aria-hidden="true"> · </span>
        <Choice chosen={!view.grouped} choose={() => changeView({ grouped: false })} word="flat" />
      </span>
      {isPhone.value ? <SortMenu /> : <ColumnMenu />}
      <button type="button" class="plain" onClick={downloadCsv} title="The rows below, as a file">
        CSV
      </button>
    </div>
  );
}

function Counts() {
  const all = fleet.value;
  if (all === null || all.length === 0) return null;
  const { matching, total } = homeRows.value;
  if (tableView.value.filter !== "") return <span class="dim" role="status">{`${matching} of ${total} match`}</span>;
  const words = [
    plural(all.filter(isNode).length, "node"),
    plural(all.filter(isGuest).length, "guest"),
    plural(all.filter(isStorage).length, "storage"),
  ];
  return <span class="dim counts">{words.join(" · ")}</span>;
}

function Choice({
  chosen,
  choose,
  word,
}: {
  readonly chosen: boolean;
  readonly choose: () => void;
  readonly word: string;
}) {
  return (
    <button type="button" class="plain" aria-pressed={chosen} onClick={choose}>
      {word}
    </button>
  );
}

function ColumnMenu() {
  const view = tableView.value;
  const toggle = (id: (typeof view.shown)[number]): void => {
    const shown = columns
      .map((column) => column.id)
      .filter((known) => known !== "name" && view.shown.includes(known) !== (known === id));
    changeView({ shown });
  };
  return (
    <Menu label="columns">
      {columns.slice(1).map((column) => (
        <label key={column.id}>
          <input type="checkbox" checked={view.shown.includes(column.id)} onChange={() => toggle(column.id)} />{" "}
          {column.title}
        </label>
      ))}
      <hr />
      <label>
        <input type="checkbox" checked={view.compact} onChange={() => changeView({ compact: !view.compact })} /> compact
        rows
      </label>
    </Menu>
  );
}

/** A narrow table has no room for the headings that sort. */
function SortMenu() {
  const view = tableView.value;
  return (
    <Menu label="sort">
      {columns.map((column) => (
        <label key={column.id}>
          <input
            type="radio"
            name="sort"
            checked={view.sort === column.id}
            onChange={() => changeView({ sort: column.id, descending: !["name", "kind", "tags"].includes(column.id) })}
          />{" "}
          {column.title}
        </label>
      ))}
    </Menu>
  );
}

function downloadCsv(): void {
  const text = tableCsv(homeRows.value.rows.map((row) => row.item));
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "pilothouse-fleet.csv";
  link.click();
  // The download has its own hold on the data by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
