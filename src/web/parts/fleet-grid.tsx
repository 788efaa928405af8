// The dense table: a treegrid of which only the rows on screen are in the document. Keyboard focus stays on the grid and
// the current row is named by aria-activedescendant, so that a row may scroll out of the document without losing it.
// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand because only those on screen exist, which a table element cannot do.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus stays on the grid; aria-activedescendant names the row.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type Column, columns, worstColumn } from "../fleet/columns.ts";
import { stateOf } from "../fleet/entity-state.ts";
import { kindLabel } from "../fleet/item.ts";
import { wantSparks } from "../fleet/spark.ts";
import type { TableRow } from "../fleet/table-rows.ts";
import { nextSort, type TableView } from "../fleet/table-view.ts";
import { takeRowKeys } from "../keyboard.ts";
import { problemOf } from "../live/live.ts";
import { go, linkTo } from "../location.ts";
import { entityPath } from "../route.ts";
import { FleetCell } from "./fleet-cell.tsx";
import { Link } from "./link.tsx";
import { isPhone } from "./media.ts";
import { StateMark } from "./state-mark.tsx";
import { useVisibleRows } from "./visible-rows.ts";

interface FleetGridProps {
  readonly label: string;
  readonly rows: readonly TableRow[];
  readonly view: TableView;
  readonly onChange: (change: Partial<TableView>) => void;
  /** Scrolls within itself and takes the row keys; otherwise it is as long as its rows. */
  readonly main?: boolean;
  readonly onDrawn?: () => void;
}

/** As in table.css. */
const columnGapPx = 12;
const rowPaddingPx = 20;

const rowHeightOf = (compact: boolean): number => (isPhone.value ? 44 : compact ? 24 : 28);

function shownColumns(view: TableView): readonly Column[] {
  if (isPhone.value) return [...columns.filter(({ id }) => id === "name"), worstColumn];
  return columns.filter(({ id }) => id === "name" || view.shown.includes(id));
}

export function FleetGrid({ label, rows, view, onChange, main = false, onDrawn }: FleetGridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const current = useSignal<string | null>(null);
  const rowHeight = rowHeightOf(view.compact);
  const range = useVisibleRows(frame, body, rowHeight, rows.length);
  const shown = shownColumns(view);
  const visible = rows.slice(range.first, range.last);
  const currentIndex = rows.findIndex((row) => row.item.id === current.value);

  const move = (steps: number): void => {
    // Not the index of the last drawing: keys come faster than rows are drawn, and each has to count.
    const from = rows.findIndex((row) => row.item.id === current.value);
    const next = Math.min(rows.length - 1, Math.max(0, from === -1 && steps > 0 ? 0 : from + steps));
    current.value = rows[next]?.item.id ?? null;
    reveal(frame.current, body.current, next, rowHeight);
  };
  const open = (): void => {
    if (current.value !== null) go(linkTo(entityPath(current.value)));
  };
  const fold = (close: boolean): void => {
    const row = rows[currentIndex];
    if (row === undefined || row.open === null || row.open !== close) return;
    toggle(row);
  };
  const toggle = ({ item }: TableRow): void => {
    const folded = new Set(view.folded);
    if (!folded.delete(item.id)) folded.add(item.id);
    onChange({ folded });
  };

  useEffect(() => (main ? takeRowKeys({ move, open }) : undefined));
  useLayoutEffect(() => onDrawn?.(), [rows, onDrawn]);
  const sparkRows = view.sort === "spark" ? rows : visible;
  const sparkIds = shown.some(({ id }) => id === "spark")
    ? sparkRows
        .filter(({ item }) => item.kind === "node" || (item.kind === "guest" && !item.template))
        .map(({ item }) => item.id)
    : [];
  useEffect(() => wantSparks(sparkIds), [sparkIds.join()]);

  const gridKeys = (event: KeyboardEvent): void => {
    const actions: Record<string, () => void> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      PageDown: () => move(20),
      PageUp: () => move(-20),
      Home: () => move(-rows.length),
      End: () => move(rows.length),
      ArrowRight: () => fold(false),
      ArrowLeft: () => fold(true),
      Enter: open,
    };
    const action = event.target === frame.current ? actions[event.key] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  const tracks = shown
    .map(({ width, grow }) => (grow === 0 ? `${width}px` : `minmax(${width}px, ${grow}fr)`))
    .join(" ");
  const least = shown.reduce((sum, { width }) => sum + width + columnGapPx, rowPaddingPx);
  const classes = ["grid", main ? "grid-main" : "", view.compact ? "compact" : ""].join(" ");
  return (
    <div
      class={classes}
      ref={frame}
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={shown.length}
      aria-activedescendant={
        currentIndex >= range.first && currentIndex < range.last ? rowId(label, currentIndex) : undefined
      }
      tabIndex={0}
      onKeyDown={gridKeys}
      style={{ "--tracks": tracks, "--row": `${rowHeight}px`, "--least": `${least}px` }}
    >
      <Headings shown={shown} view={view} onChange={onChange} />
      <div class="grid-body" role="rowgroup" ref={body} style={{ height: `${rows.length * rowHeight}px` }}>
        {visible.map((row, offset) => (
          <Row
            key={row.item.id}
            id={rowId(label, range.first + offset)}
            row={row}
            index={range.first + offset}
            top={(range.first + offset) * rowHeight}
            shown={shown}
            current={row.item.id === current.value}
            toggle={toggle}
          />
        ))}
      </div>
    </div>
  );
}

const rowId = (label: string, index: number): string => `${label.replace(/\W+/g, "-")}-row-${index}`;

/** Scrolls so that a row is seen, below the sticky headings. */
function reveal(frame: HTMLElement | null, body: HTMLElement | null, index: number, rowHeight: number): void {
  if (frame === null || body === null) return;
  const headings = frame.firstElementChild?.clientHeight ?? 0;
  const top = index * rowHeight;
  if (frame.scrollHeight > frame.clientHeight + 1) {
    if (top < frame.scrollTop) frame.scrollTop = top;
    else if (top + rowHeight + headings > frame.scrollTop + frame.clientHeight)
      frame.scrollTop = top + rowHeight + headings - frame.clientHeight;
  }
  const absolute = body.getBoundingClientRect().top + top;
  if (absolute < headings) scrollBy(0, absolute - headings - 60);
  else if (absolute + rowHeight > innerHeight) scrollBy(0, absolute + rowHeight - innerHeight + 20);
}

interface HeadingsProps {
  readonly shown: readonly Column[];
  readonly view: TableView;
  readonly onChange: (change: Partial<TableView>) => void;
}

function Headings({ shown, view, onChange }: HeadingsProps) {
  return (
    <div class="grid-head" role="rowgroup">
      <div class="grid-row head" role="row" aria-rowindex={1}>
        {shown.map((column) => {
          const sorted = view.sort === column.id ? (view.descending ? "descending" : "ascending") : "none";
          return (
            <div key={column.id} role="columnheader" aria-sort={sorted} class={column.right ? "cell right" : "cell"}>
              <button
                type="button"
                class="heading"
                title={column.hint}
                onClick={() => onChange(nextSort(view, column.id))}
              >
                {column.title}
                <span class="arrow" aria-hidden="true">
                  {sorted === "none" ? "" : sorted === "ascending" ? "↑" : "↓"}
                </span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly id: string;
  readonly row: TableRow;
  readonly index: number;
  readonly top: number;
  readonly shown: readonly Column[];
  readonly current: boolean;
  readonly toggle: (row: TableRow) => void;
}

function Row({ id, row, index, top, shown, current, toggle }: RowProps) {
  const { item, level, open } = row;
  return (
    <div
      id={id}
      class={`grid-row ${item.kind} ${current ? "current" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-level={level}
      aria-expanded={open ?? undefined}
      aria-selected={current}
      style={{ transform: `translateY(${top}px)` }}
    >
      {shown.map((column) => (
        <div key={column.id} role="gridcell" class={`cell ${column.right ? "right" : ""} col-${column.id}`}>
          {column.id === "name" ? <Name row={row} toggle={toggle} /> : <FleetCell column={column.id} item={item} />}
        </div>
      ))}
    </div>
  );
}

function Name({ row, toggle }: { readonly row: TableRow; readonly toggle: (row: TableRow) => void }) {
  const { item, level, open } = row;
  return (
    <span class={`name level-${level}`}>
      {open === null ? (
        <span class="fold none" />
      ) : (
        <button
          type="button"
          class="fold"
          tabIndex={-1}
          aria-label={`${open ? "close" : "open"} ${item.name}`}
          onClick={() => toggle(row)}
        >
          {open ? "▾" : "▸"}
        </button>
      )}
      <StateMark {...stateOf(item, problemOf.value.get(item.id))} />
      <Link to={entityPath(item.id)} tabIndex={-1} class="row-link" title={item.name}>
        {item.name}
      </Link>
      <Aside row={row} />
    </span>
  );
}

/** Dim words after the name, where PVE's own tree has them. */
function Aside({ row: { item } }: { readonly row: TableRow }) {
  if (isPhone.value && item.kind === "guest") return <span class="dim aside">{kindLabel(item)}</span>;
  if (item.kind === "cluster") {
    const quorum = item.quorate === null ? "standalone" : item.quorate ? "quorate" : "no quorum";
    return (
      <span class="dim aside">
        {[item.release === null ? "" : `pve ${item.release}`, quorum].filter((part) => part !== "").join(" · ")}
      </span>
    );
  }
  if (item.kind === "storage" && item.shared) return <span class="dim aside">shared</span>;
  return item.kind === "guest" && item.lock !== null ? <span class="dim aside">{item.lock}</span> : null;
}
