// What stands in each cell of the big table.

import type { ColumnId } from "../fleet/columns.ts";
import { type FleetItem, kindLabel } from "../fleet/item.ts";
import {
  cpuOf,
  diskIoOf,
  diskOf,
  isRunning,
  memoryOf,
  metricOf,
  networkOf,
  uptimeOf,
  worstOf,
} from "../fleet/measures.ts";
import { sparkHeight, sparks, sparkWidth } from "../fleet/spark.ts";
import { formatBytes, formatDuration, formatRate } from "../format.ts";
import { Age } from "./age.tsx";
import { Bar, Faint } from "./bar.tsx";

/** Everything but the name, which carries the tree. */
export function FleetCell({ column, item }: { readonly column: ColumnId; readonly item: FleetItem }) {
  switch (column) {
    case "name":
      return null;
    case "kind":
      return <span class="dim">{kindLabel(item)}</span>;
    case "tags":
      return <Tags item={item} />;
    case "cpu":
      return <CpuCell item={item} />;
    case "memory":
      return <MemoryCell item={item} />;
    case "disk":
      return <DiskCell item={item} />;
    case "spark":
      return <SparkCell item={item} />;
    case "network":
      return <RateCell value={networkOf(item)} />;
    case "io":
      return <RateCell value={diskIoOf(item)} />;
    case "uptime":
      return <UptimeCell item={item} />;
    case "age":
      return <Age at={item.values_at} period={item.period_seconds} />;
    case "worst":
      return <WorstCell item={item} />;
  }
}

function Tags({ item }: { readonly item: FleetItem }) {
  if (item.kind === "guest") return <TagChips tags={item.tags} most={1} />;
  if (item.kind === "storage") return <span class="dim">{item.plugin_type ?? ""}</span>;
  const count = metricOf(item, "cpu_count");
  return <span class="dim">{count === null ? "" : `${count} CPUs`}</span>;
}

/** At most `most` tags; how many more there are is said, and all stand in the tooltip. */
export function TagChips({ tags, most = 50 }: { readonly tags: readonly string[]; readonly most?: number }) {
  if (tags.length === 0) return null;
  return (
    <span class="tags" title={tags.join(", ")}>
      {tags.slice(0, most).map((tag) => (
        <span class="tag" key={tag}>
          {tag}
        </span>
      ))}
      {tags.length > most && <span class="more-tags">+{tags.length - most}</span>}
    </span>
  );
}

/** A guest that does not run says its status instead of numbers. */
function restingWord(item: FleetItem): string | null {
  if (item.kind === "guest" && item.template) return "template";
  if (item.kind === "guest" && !isRunning(item)) return item.status;
  return item.kind === "node" && item.status !== "online" ? item.status : null;
}

function CpuCell({ item }: { readonly item: FleetItem }) {
  if (item.kind === "storage") return null;
  const resting = restingWord(item);
  if (resting !== null) return <Faint>{resting}</Faint>;
  const gauge = cpuOf(item);
  return gauge === null ? <NotMeasured item={item} /> : <Bar gauge={gauge} unit="cpus" />;
}

function MemoryCell({ item }: { readonly item: FleetItem }) {
  if (item.kind === "storage" || restingWord(item) !== null) return null;
  const gauge = memoryOf(item);
  return gauge === null ? <NotMeasured item={item} /> : <Bar gauge={gauge} unit="bytes" />;
}

function DiskCell({ item }: { readonly item: FleetItem }) {
  const gauge = diskOf(item);
  if (gauge !== null) return <Bar gauge={gauge} unit="bytes" />;
  const size = item.kind === "guest" ? metricOf(item, "disk_total_bytes") : null;
  if (size === null || size === 0) return null;
  return <Faint title="Size of the boot disk; PVE does not know how full a VM's disks are">{formatBytes(size)}</Faint>;
}

function NotMeasured({ item }: { readonly item: FleetItem }) {
  return item.values_at === null ? (
    <Faint>no data yet</Faint>
  ) : (
    <Faint title="PVE gives no value for it">not measurable</Faint>
  );
}

function SparkCell({ item }: { readonly item: FleetItem }) {
  const spark = item.kind === "node" || item.kind === "guest" ? sparks.value.get(item.id) : undefined;
  if (spark === undefined || spark.path === "") return null;
  const mean = spark.mean === null ? "" : `mean ${Math.round(spark.mean * 100)}%`;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      width={sparkWidth}
      height={sparkHeight}
      role="img"
      aria-label={`CPU over 24 hours, ${mean}`}
    >
      <title>{mean}</title>
      <path d={spark.path} />
    </svg>
  );
}

const RateCell = ({ value }: { readonly value: number | null }) => <>{value === null ? "" : formatRate(value)}</>;

function UptimeCell({ item }: { readonly item: FleetItem }) {
  const seconds = uptimeOf(item);
  return <span class="dim">{seconds === null || seconds === 0 ? "" : formatDuration(seconds)}</span>;
}

function WorstCell({ item }: { readonly item: FleetItem }) {
  const resting = restingWord(item);
  if (resting !== null) return <Faint>{resting}</Faint>;
  const worst = worstOf(item);
  if (worst === null) return <NotMeasured item={item} />;
  return (
    <span class="worst">
      <Bar gauge={worst.gauge} unit={worst.label === "CPU" ? "cpus" : "bytes"} />
      <span class="faint">{worst.label}</span>
    </span>
  );
}
