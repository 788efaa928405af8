// The small row of numbers about the whole fleet.
import type { ComponentChildren } from "preact";
import { now } from "../clock.ts";
import type { ClusterItem } from "../fleet/item.ts";
import { levelOf } from "../fleet/measures.ts";
import type { Totals } from "../fleet/totals.ts";
import { formatAge, formatBytesOf, formatCount, plural } from "../format.ts";
import { jobs } from "../live/live.ts";
import { isStale } from "./age.tsx";
import { StateMark } from "./state-mark.tsx";

interface TileProps {
  readonly title: string;
  readonly value: string;
  readonly unit?: string;
  readonly children: ComponentChildren;
  readonly mark?: string | null;
}

export function Tile({ title, value, unit = "", children, mark = null }: TileProps) {
  return (
    <div class="tile">
      <h2>{title}</h2>
      <p class="big">
        {mark !== null && <StateMark state="warning" words={mark} />}
        {value} <small>{unit}</small>
      </p>
      <p class="dim">{children}</p>
    </div>
  );
}

/** The same room before the numbers are there, so that nothing jumps. */
export function LoadingTiles() {
  return (
    <section class="tiles" aria-label="The fleet in numbers" aria-busy="true">
      {["CPU", "Memory", "Guests", "Nodes", "Storage", "Data"].map((title) => (
        <Tile key={title} title={title} value="–">
          {"\u00a0"}
        </Tile>
      ))}
    </section>
  );
}

export function Tiles({ totals, clusters }: { readonly totals: Totals; readonly clusters: readonly ClusterItem[] }) {
  return (
    <section class="tiles" aria-label="The fleet in numbers">
      <ShareTile title="CPU" used={totals.cpuUsed} total={totals.cpuTotal}>
        {`${totals.cpuUsed.toFixed(1)} of ${plural(totals.cpuTotal, "CPU")}`}
      </ShareTile>
      <ShareTile title="Memory" used={totals.memoryUsed} total={totals.memoryTotal}>
        {formatBytesOf(totals.memoryUsed, totals.memoryTotal)}
      </ShareTile>
      <Tile title="Guests" value={formatCount(totals.guestsRunning)} unit={`/ ${formatCount(totals.guests)} running`}>
        {[
          plural(totals.guests - totals.guestsRunning, "stopped", "stopped"),
          totals.templates > 0 ? plural(totals.templates, "template") : "",
        ]
          .filter((part) => part !== "")
          .join(" · ")}
      </Tile>
      <Tile
        title="Nodes"
        value={formatCount(totals.nodesOnline)}
        unit={`/ ${formatCount(totals.nodes)} online`}
        mark={totals.nodesOnline < totals.nodes ? "a node is offline" : null}
      >
        {quorumWords(clusters)}
      </Tile>
      <ShareTile title="Storage" used={totals.storageUsed} total={totals.storageTotal}>
        {formatBytesOf(totals.storageUsed, totals.storageTotal)}
      </ShareTile>
      <FreshnessTile totals={totals} />
    </section>
  );
}

function ShareTile({
  title,
  used,
  total,
  children,
}: {
  readonly title: string;
  readonly used: number;
  readonly total: number;
  readonly children: string;
}) {
  if (total === 0) {
    return (
      <Tile title={title} value="–">
        no value yet
      </Tile>
    );
  }
  const ratio = used / total;
  return (
    <Tile
      title={title}
      value={String(Math.round(ratio * 100))}
      unit="%"
      mark={levelOf(ratio) === "fine" ? null : `${title} above 80%`}
    >
      {children}
    </Tile>
  );
}

function FreshnessTile({ totals: { newestAt, periodSeconds } }: { readonly totals: Totals }) {
  if (newestAt === null) {
    return (
      <Tile title="Data" value="–">
        no value yet
      </Tile>
    );
  }
  const stale = isStale(newestAt, periodSeconds, now.value);
  const [value = "", unit = ""] = formatAge((now.value - newestAt) / 1000).split(" ");
  return (
    <Tile title="Data" value={value} unit={`${unit} old`} mark={stale ? "no new values" : null}>
      {importWords() ?? (stale ? `expected every ${periodSeconds} s` : `a value every ${periodSeconds} s`)}
    </Tile>
  );
}

function quorumWords(clusters: readonly ClusterItem[]): string {
  const without = clusters.filter(({ quorate }) => quorate === false);
  if (without.length > 0) return `no quorum: ${without.map(({ name }) => name).join(", ")}`;
  const words = clusters.every(({ quorate }) => quorate === null) ? "standalone" : "quorate";
  return clusters.length > 1 ? `${formatCount(clusters.length)} clusters · ${words}` : words;
}

/** While PVE's own history is being imported, how far that is. */
function importWords(): string | null {
  const job = jobs.value.find(({ id, state }) => id.startsWith("import/") && state === "running");
  if (job === undefined) return null;
  const { progress } = job;
  return progress === null || progress.total === 0
    ? "importing history"
    : `importing history, ${Math.floor((100 * progress.done) / progress.total)}%`;
}
