// What each guest, node, cluster, pool or tag uses of what it has or was given.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import { entityPath } from "../route.ts";
import {
  type Column,
  cpuColumns,
  gaugeOf,
  type Kind,
  lastColumns,
  memoryColumns,
  type UtilizationRow,
} from "../utilization/utilization-view.ts";
import { Bar, Faint } from "./bar.tsx";
import { Link } from "./link.tsx";

interface TableProps {
  readonly kind: Kind;
  readonly rows: readonly UtilizationRow[];
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

export function UtilizationTable({ kind, rows, sort, onSort }: TableProps) {
  const head = (field: string, title: string, hint: string, wide: boolean) => (
    <Head key={field} field={field} title={title} hint={hint} wide={wide} sort={sort} onSort={onSort} />
  );
  const columnHead = ({ field, title, hint, wide }: Column) => head(field, title, hint, wide);
  return (
    <div class="fact-scroll" role="group" tabIndex={0} aria-label="Utilization, scrolls sideways">
      <table class="fact-table usage">
        <thead>
          <tr>
            <td class="wide-only" />
            <th scope="colgroup" class="usage-group narrow-group" colSpan={1 + cpuColumns.length}>
              CPU, cores
            </th>
            <th scope="colgroup" class="usage-group narrow-group" colSpan={1 + memoryColumns.length}>
              Memory
            </th>
            <td class="wide-only" colSpan={lastColumns.length} />
          </tr>
          <tr>
            {head("name", "Name", "", false)}
            {head("cpu_used_ratio", "p95 used", "95th percentile of what there is to use", false)}
            {cpuColumns.map(columnHead)}
            {head("memory_used_ratio", "p95 used", "95th percentile of what there is to use", false)}
            {memoryColumns.map(columnHead)}
            {lastColumns.map(columnHead)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} kind={kind} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  readonly field: string;
  readonly title: string;
  readonly hint: string;
  readonly wide: boolean;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

/** Numbers are looked at from the largest down first, names from A. */
function Head({ field, title, hint, wide, sort, onSort }: HeadProps) {
  const isDown = sort === `-${field}`;
  const first = field === "name" ? field : `-${field}`;
  const next = sort === first ? (field === "name" ? "-name" : field) : first;
  const direction = isDown ? "descending" : sort === field ? "ascending" : "none";
  return (
    <th
      scope="col"
      class={`${field === "name" ? "" : "right"} ${wide ? "wide-only" : ""}`}
      aria-sort={direction}
      title={hint}
    >
      <button type="button" class="plain" onClick={() => onSort(next)}>
        {title}
        {direction === "none" ? "" : isDown ? " ↓" : " ↑"}
      </button>
    </th>
  );
}

function Row({ kind, row }: { readonly kind: Kind; readonly row: UtilizationRow }) {
  const cell = ({ field, words }: Column) => (
    <td key={field} class="right wide-only">
      {words(row) ?? <Faint>–</Faint>}
    </td>
  );
  return (
    <tr class={row.state === null ? "" : "rough"} title={row.state ?? ""}>
      <td class="usage-name">
        <Name kind={kind} row={row} />
      </td>
      <GaugeCell row={row} resource="cpu" />
      {cpuColumns.map(cell)}
      <GaugeCell row={row} resource="memory" />
      {memoryColumns.map(cell)}
      {lastColumns.map(cell)}
    </tr>
  );
}

function Name({ kind, row }: { readonly kind: Kind; readonly row: UtilizationRow }) {
  const isEntity = kind === "guest" || kind === "node" || kind === "cluster";
  const beside = kind === "guest" ? row.node : `${row.guests} guests`;
  return (
    <>
      {isEntity ? <Link to={entityPath(row.id)}>{row.name}</Link> : row.name} <span class="dim">{beside}</span>
      {row.state !== null && <span class="dim usage-state">{row.state}</span>}
    </>
  );
}

function GaugeCell({ row, resource }: { readonly row: UtilizationRow; readonly resource: "cpu" | "memory" }) {
  const gauge = gaugeOf(row, resource);
  return (
    <td class="usage-gauge">
      {gauge === undefined ? <Faint>–</Faint> : <Bar gauge={gauge} unit={resource === "cpu" ? "cpus" : "bytes"} />}
    </td>
  );
}
