// The slow facts of an entity, a dense table for each kind: disks, versions, certificates, backups, HA, Ceph, ZFS, …
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import { factEntry } from "../../model/facts-catalogue.ts";
import { now } from "../clock.ts";
import { type FactTable, factTables } from "../facts/fact-tables.ts";
import { useFacts } from "../facts/use-facts.ts";
import { type FleetItem, momentOf } from "../fleet/item.ts";
import { formatAge, plural } from "../format.ts";
import { byId } from "../live/live.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";

/** Longer tables are closed until somebody wants them. */
const openRows = 12;

export function FactsSection({ item }: { readonly item: FleetItem }) {
  const { found, error, retry } = useFacts(item);
  if (found === null && error === null) return null;
  const tables = found === null ? [] : factTables(found, now.value);
  return (
    <>
      {error !== null && (
        <p class="notice" role="status">
          Hardware, backups and other slow facts could not be loaded: {error}.{" "}
          <button type="button" class="plain" onClick={retry}>
            try now
          </button>
        </p>
      )}
      {tables.map((table) => (
        <Panel key={table.kind} table={table} item={item} />
      ))}
    </>
  );
}

function Panel({ table, item }: { readonly table: FactTable; readonly item: FleetItem }) {
  const { kind, title, rows } = table;
  const readAt = momentOf(table.readAt);
  return (
    <section class="panel" aria-label={title}>
      <details open={rows.length <= openRows}>
        <summary class="fact-head">
          <h2>{title}</h2>
          <span class="dim">{plural(rows.length, "row")}</span>
          <span class="dim read">{readAt === null ? "" : `read ${formatAge((now.value - readAt) / 1000)} ago`}</span>
        </summary>
        <div class="fact-scroll" role="group" tabIndex={0} aria-label={`${title}, scrolls sideways`}>
          {rows.length === 1 && table.columns.length > 4 ? (
            <Upright table={table} />
          ) : (
            <Rows table={table} withSubject={rows.some((row) => row.item.subject !== item.id)} />
          )}
        </div>
        <p class="dim fact-source">{factEntry(kind).summary}</p>
      </details>
    </section>
  );
}

function Rows({ table, withSubject }: { readonly table: FactTable; readonly withSubject: boolean }) {
  return (
    <table class="fact-table" aria-label={table.title}>
      <thead>
        <tr>
          {withSubject && <th scope="col">Of</th>}
          {table.columns.map(({ name, title, right }) => (
            <th key={name} scope="col" class={right ? "right" : ""}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map(({ item, cells }) => (
          <tr key={`${item.subject} ${item.key}`}>
            {withSubject && (
              <td>
                <Subject id={item.subject} name={item.subject_name} />
              </td>
            )}
            {cells.map((cell, number) => (
              <td
                key={table.columns[number]?.name}
                class={`${cell.right ? "right" : ""} ${cell.level}`}
                title={cell.text.length > 40 ? cell.text : undefined}
              >
                {cell.text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One row with many columns reads better from top to bottom. */
function Upright({ table }: { readonly table: FactTable }) {
  const cells = table.rows[0]?.cells ?? [];
  return (
    <dl class="fact-list">
      {table.columns.map(({ name, title }, number) => (
        <div key={name}>
          <dt>{title}</dt>
          <dd class={cells[number]?.level}>{cells[number]?.text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Subject({ id, name }: { readonly id: string; readonly name: string | null }) {
  return byId.value.has(id) ? <Link to={entityPath(id)}>{name ?? id}</Link> : <span>{name ?? id}</span>;
}
