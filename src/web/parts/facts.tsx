// The key facts of an entity: its bars now, and what PVE's summary page says about it.
import type { ComponentChildren } from "preact";
import { type FleetItem, momentOf } from "../fleet/item.ts";
import { cpuOf, diskOf, type Gauge, isRunning, memoryOf, metricOf, uptimeOf } from "../fleet/measures.ts";
import { formatBytes, formatBytesOf, formatDate, formatDuration, formatRatio } from "../format.ts";
import { byId } from "../live/live.ts";
import { entityPath } from "../route.ts";
import { gaugeWords } from "./bar.tsx";
import { TagChips } from "./fleet-cell.tsx";
import { Link } from "./link.tsx";

export function Facts({ item }: { readonly item: FleetItem }) {
  return (
    <section class="panel facts" aria-label="Key facts">
      <GaugeFact title="CPU" gauge={cpuOf(item)} unit="cpus" missing={missingWords(item, "cpu")} />
      <GaugeFact title="Memory" gauge={memoryOf(item)} unit="bytes" missing={missingWords(item, "memory")} />
      <GaugeFact title={diskTitle(item)} gauge={diskOf(item)} unit="bytes" missing={missingWords(item, "disk")} />
      <dl>
        {factsOf(item).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const diskTitle = (item: FleetItem): string =>
  ({ cluster: "Storage", node: "Root file system", guest: "Disk", storage: "Used" })[item.kind];

/** What stands in place of a bar; null where the kind has none. */
function missingWords(item: FleetItem, what: "cpu" | "memory" | "disk"): string | null {
  if (item.kind === "storage") return what === "disk" ? "not measurable" : null;
  if (item.kind === "guest" && what === "disk") {
    const size = metricOf(item, "disk_total_bytes");
    return size === null ? null : `${formatBytes(size)}, use not known to PVE`;
  }
  if (item.kind === "guest" && !isRunning(item)) return item.template ? "template" : item.status;
  return item.values_at === null ? "no data yet" : "not measurable";
}

interface GaugeFactProps {
  readonly title: string;
  readonly gauge: Gauge | null;
  readonly unit: "bytes" | "cpus";
  readonly missing: string | null;
}

function GaugeFact({ title, gauge, unit, missing }: GaugeFactProps) {
  if (gauge === null && missing === null) return null;
  return (
    <div class="gauge-fact">
      <h2>{title}</h2>
      {gauge === null ? (
        <p class="faint">{missing}</p>
      ) : (
        <>
          <p class="big">{formatRatio(gauge.ratio)}</p>
          <span class={`bar ${gauge.rough ? "rough" : ""}`}>
            <span class={`fill ${gauge.level}`} style={{ width: `${Math.min(100, gauge.ratio * 100)}%` }} />
          </span>
          <p class="dim">{gaugeWords(gauge, unit)}</p>
        </>
      )}
    </div>
  );
}

type Fact = readonly [name: string, value: ComponentChildren];

function factsOf(item: FleetItem): readonly Fact[] {
  const uptime = uptimeOf(item);
  const seen = momentOf(item.first_seen_at);
  const own = ownFacts(item).filter(([, value]) => value !== null && value !== "");
  return [
    ...own,
    ...(uptime === null ? [] : [["Uptime", formatDuration(uptime)] as const]),
    ...(seen === null ? [] : [["Known since", formatDate(seen)] as const]),
  ];
}

function ownFacts(item: FleetItem): readonly Fact[] {
  switch (item.kind) {
    case "cluster":
      return [
        ["PVE release", item.release],
        ["Not available", item.notes.length === 0 ? null : item.notes.join(" ")],
        ["Quorum", item.quorate === null ? "standalone host" : item.quorate ? "quorate" : "no quorum"],
        ["Nodes", ofText(metricOf(item, "nodes_online"), metricOf(item, "nodes_total"), "online")],
        ["Guests", ofText(metricOf(item, "guests_running"), metricOf(item, "guests_total"), "running")],
      ];
    case "node":
      return [
        ["Status", item.status],
        ["PVE version", item.version],
        ["Address", item.address],
        ["HA state", item.ha_state],
        ["Load average", loadText(item)],
        ["Swap", swapText(item)],
      ];
    case "guest":
      return [
        ["Status", item.lock === null ? item.status : `${item.status} (locked: ${item.lock})`],
        ["Node", <NodeLink key="node" cluster={item.cluster} node={item.node} />],
        ["Pool", item.pool],
        ["Tags", item.tags.length === 0 ? null : <TagChips key="tags" tags={item.tags} />],
        ["HA state", item.ha_state],
        ["Memory on the node", item.type === "qemu" ? bytesText(item, "mem_host_bytes") : null],
      ];
    case "storage":
      return [
        ["Status", item.status],
        ["Type", item.plugin_type],
        ["Content", item.content.join(", ")],
        ["Shared", item.shared ? "yes" : "no"],
        ["Nodes", item.nodes.join(", ")],
      ];
  }
}

function NodeLink({ cluster, node }: { readonly cluster: string; readonly node: string }) {
  const id = `${cluster}/node/${node}`;
  return byId.value.has(id) ? <Link to={entityPath(id)}>{node}</Link> : <span>{node}</span>;
}

const ofText = (part: number | null, whole: number | null, word: string): string | null =>
  part === null || whole === null ? null : `${part} of ${whole} ${word}`;

function loadText(item: FleetItem): string | null {
  const loads = ["load_1m", "load_5m", "load_15m"].map((metric) => metricOf(item, metric));
  return loads.includes(null) ? null : loads.map((load) => (load ?? 0).toFixed(2)).join(", ");
}

function swapText(item: FleetItem): string | null {
  const [used, total] = [metricOf(item, "swap_used_bytes"), metricOf(item, "swap_total_bytes")];
  return used === null || total === null || total === 0 ? null : formatBytesOf(used, total);
}

function bytesText(item: FleetItem, metric: string): string | null {
  const bytes = metricOf(item, metric);
  return bytes === null ? null : formatBytes(bytes);
}
