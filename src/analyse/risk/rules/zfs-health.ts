// ZFS pools that have lost a device or data, or whose free space is in splinters.
import type { Evidence, Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { Severity } from "../../../model/problem.ts";

/** From there on writes get slow, because free space lies in small pieces. */
const fragmentedPercent = 50;

export interface ZfsPool {
  readonly cluster: string;
  readonly subject: EntityId;
  readonly nodeName: string;
  /** The pool's own series. */
  readonly series: EntityId;
  readonly pool: string;
  /** ONLINE, DEGRADED, FAULTED, …; null when it is not told. */
  readonly health: string | null;
  readonly errors: string | null;
  /** "sdb ONLINE 12 cksum". */
  readonly failingDevices: readonly string[];
  /** What the devices said at the first change within a week; null when nothing changed. */
  readonly devicesBefore: readonly string[] | null;
  readonly fragmentationPercent: number | null;
}

export function judgePool(pool: ZfsPool): readonly Finding[] {
  return [...degraded(pool), ...dataErrors(pool), ...fragmented(pool)];
}

/** What devices count together, of "12 cksum", "3 read". */
export const deviceErrors = (devices: readonly string[], kind: "cksum" | "read" | "write"): number =>
  devices.reduce((sum, words) => sum + Number(new RegExp(`(\\d+) ${kind}`).exec(words)?.[1] ?? 0), 0);

function* degraded(pool: ZfsPool): Generator<Finding> {
  const { health, failingDevices, devicesBefore } = pool;
  const isWell = health === null || health === "ONLINE";
  if (isWell && failingDevices.length === 0) return;
  const now = deviceErrors(failingDevices, "cksum");
  const before = devicesBefore === null ? now : deviceErrors(devicesBefore, "cksum");
  const grows = now > before;
  const lost = /^(?:FAULTED|UNAVAIL|SUSPENDED|OFFLINE|REMOVED)$/.test(health ?? "");
  const state = isWell ? "has devices with errors" : `is ${health}`;
  const devices = failingDevices.length === 0 ? "" : `: ${failingDevices.join("; ")}`;
  yield finding(pool, {
    kind: "zfs-degraded",
    severity: lost || grows ? "critical" : "warning",
    message: `ZFS pool ${pool.pool} of ${pool.nodeName} ${state}${devices}${grows ? `; checksum errors rose from ${before} to ${now} within 7 days` : ""}.`,
    remedy: "Look at `zpool status` on the node, check cable and controller, and replace the device: `zpool replace`.",
    formula:
      "critical: the pool does not work any more, or checksum errors of its devices rose within 7 days · warning: it is not ONLINE, or a device counts read, write or checksum errors",
    numbers: { health, checksum_errors: now, checksum_errors_7_days_ago: before },
    metric: null,
  });
}

function* dataErrors(pool: ZfsPool): Generator<Finding> {
  const { errors } = pool;
  if (errors === null || errors === "" || /no known data errors/i.test(errors)) return;
  yield finding(pool, {
    kind: "zfs-errors",
    severity: "critical",
    message: `ZFS pool ${pool.pool} of ${pool.nodeName} has lost data: ${errors}.`,
    remedy: "See which files with `zpool status -v` on the node, restore them from a backup, then run `zpool scrub`.",
    formula: "what `zpool status` says of data errors, other than that there are none",
    numbers: { errors },
    metric: null,
  });
}

function* fragmented(pool: ZfsPool): Generator<Finding> {
  const percent = pool.fragmentationPercent;
  if (percent === null || percent <= fragmentedPercent) return;
  yield finding(pool, {
    kind: "zfs-fragmented",
    severity: percent > 70 ? "warning" : "info",
    message: `The free space of ZFS pool ${pool.pool} of ${pool.nodeName} is ${percent} % fragmented: writes get slower.`,
    remedy: "Free space (snapshots, old volumes) or add devices; only moving the data to a fresh pool undoes it.",
    formula: "info: fragmentation over 50 % · warning: over 70 %",
    numbers: { fragmentation_percent: percent },
    metric: "fragmentation_percent",
  });
}

interface Told {
  readonly kind: string;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  readonly formula: string;
  readonly numbers: Evidence["numbers"];
  readonly metric: string | null;
}

const finding = (pool: ZfsPool, { numbers, metric, ...told }: Told): Finding => ({
  cluster: pool.cluster,
  subject: pool.subject,
  key: pool.pool,
  certainty: "rule",
  ...told,
  evidence: [
    {
      what: "ZFS as the node tells it",
      series: metric === null ? null : { id: pool.series, metric },
      fromMs: null,
      toMs: null,
      numbers,
    },
  ],
  fields: { pool: pool.pool, node: pool.nodeName, due_at_ms: null },
});
