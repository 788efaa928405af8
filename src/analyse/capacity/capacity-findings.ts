// What is worth telling of a cluster's capacity: what runs short, and which nodes may not fail.
import type { CapacityDocument, CapacityLine, ScopeCapacity } from "../../model/capacity.ts";
import type { Evidence, Finding } from "../../model/finding.ts";
import { type ClusterId, nodeEntityId } from "../../model/ids.ts";
import type { NodeFailure } from "../../model/node-failure.ts";
import type { Severity } from "../../model/problem.ts";
import { secondsUntilFull, timeWords } from "./time-remaining.ts";

/** Hardware is ordered weeks ahead: a quarter is news, a month is late. */
const noticeDays = 90;
const warnDays = 30;

export function capacityFindings(cluster: ClusterId, document: CapacityDocument): readonly Finding[] {
  const scopes = [document.cluster, ...document.storages];
  return [
    ...scopes.flatMap((scope) => scope.lines.flatMap((line) => shortFinding(cluster, scope, line) ?? [])),
    ...document.failures.flatMap((failure) => failureFinding(cluster, failure) ?? []),
  ];
}

function shortFinding(cluster: ClusterId, scope: ScopeCapacity, line: CapacityLine): Finding | null {
  const severity = severityOf(line);
  if (severity === null || isToldElsewhere(scope, line)) return null;
  const { resource, time } = line;
  const seconds = secondsUntilFull(time);
  const what = scope.kind === "storage" ? scope.name : `${resource === "cpu" ? "CPU" : "Memory"} of ${scope.name}`;
  return {
    kind: "capacity-short",
    cluster,
    subject: scope.id,
    key: scope.part === "" ? resource : `${resource} ${scope.part}`,
    severity,
    certainty: time.state === "over" ? "measured" : "prediction",
    message: time.state === "over" ? `${what}: more is needed than is usable.` : `${what} lasts ${timeWords(time)}.`,
    remedy:
      scope.kind === "storage"
        ? "Free space on it, extend it, or move disks elsewhere."
        : "Add a node, or give guests less; the page Capacity answers what-ifs.",
    evidence: [evidenceOf(scope, line)],
    formula:
      "remaining = usable − peak of the next three days − reserved; time = first day on which the upper end of the 90 % interval passes usable",
    fields: { resource, seconds_until_full: seconds, usable: line.usable, peak: line.peak, remaining: line.remaining },
  };
}

/**
 * The cluster's storage is the sum of its storages, and a storage that fills is a finding of its own (`storage-full`); only
 * what reservations take from it is known here alone.
 */
const isToldElsewhere = ({ kind }: ScopeCapacity, { resource, reserved }: CapacityLine): boolean =>
  resource === "storage" && (kind === "cluster" || reserved === 0);

/** A storage over its mark still takes writes until it is really full; CPU and memory over theirs hurt now. */
const almostAll = 0.95;

function severityOf({ time, resource, peak, total }: CapacityLine): Severity | null {
  if (time.state === "over") {
    const hasRoom = resource === "storage" && peak !== null && total !== null && peak < almostAll * total;
    return hasRoom ? "warning" : "critical";
  }
  if (time.state !== "forecast" || time.conservativeDays === null) return null;
  if (time.conservativeDays < warnDays) return "warning";
  return time.conservativeDays < noticeDays ? "info" : null;
}

function evidenceOf({ kind, id }: ScopeCapacity, line: CapacityLine): Evidence {
  const { total, overhead, reserve, usable, peak, reserved, remaining, resource, time } = line;
  const unit = resource === "cpu" ? "cores" : "bytes";
  const mean = time.state === "forecast" ? time.meanDays : null;
  return {
    what: `${resource} that is usable, needed and left`,
    series: kind === "storage" ? { id, metric: "used_bytes" } : null,
    fromMs: null,
    toMs: null,
    numbers: {
      [`total_${unit}`]: total,
      [`host_overhead_${unit}`]: overhead,
      [`reserve_${unit}`]: reserve,
      [`usable_${unit}`]: usable,
      [`peak_${unit}`]: peak,
      [`reserved_${unit}`]: reserved,
      [`remaining_${unit}`]: remaining,
      mean_days: mean,
    },
  };
}

/** A single host has nothing to fall back on, which is no news. */
function failureFinding(cluster: ClusterId, failure: NodeFailure): Finding | null {
  const { node, verdict, sentence, quorum, ceph, stranded, needsHand, restarts, restartsWithLoss, unknown } = failure;
  if (verdict !== "no" || quorum === null) return null;
  const { largestUnplaced } = failure;
  return {
    kind: "node-may-not-fail",
    cluster,
    subject: nodeEntityId(cluster, node),
    key: "",
    severity: !quorum.kept || ceph?.survives === false ? "critical" : "warning",
    certainty: "estimate",
    message: sentence,
    remedy: remedyOf(failure),
    evidence: [
      {
        what: "guests by what becomes of them, at the 95th percentile of what they need",
        series: null,
        fromMs: null,
        toMs: null,
        numbers: {
          restarts: restarts.length,
          restarts_with_loss: restartsWithLoss.length,
          needs_hand: needsHand.length,
          stranded: stranded.length,
          unknown: unknown.length,
          votes_left: quorum.votesLeft,
          votes_needed: quorum.votesNeeded,
          largest_unplaced: largestUnplaced?.name ?? null,
          largest_unplaced_bytes: largestUnplaced?.memoryBytes ?? null,
          room_on_average: failure.roomOnAverage,
        },
      },
    ],
    formula:
      "each guest of the node is placed on the others by largest-first packing: its cores and memory plus its share of what KSM merged, at most free = total − host − guests there, where its storages, rules and devices allow; votes left ≥ ⌊votes / 2⌋ + 1; copies left ≥ min_size",
    fields: { stranded: stranded.length, needs_hand: needsHand.length, quorum_kept: quorum.kept },
  };
}

function remedyOf({ quorum, ceph, largestUnplaced }: NodeFailure): string {
  if (quorum?.kept === false)
    return "Bring the missing nodes back, or add a node or a QDevice, so that quorum survives.";
  if (ceph?.survives === false) return "Bring the OSDs that are down back before anything else fails.";
  if (largestUnplaced !== null)
    return "Add memory or a node, or move guests so that one node has room for the largest.";
  return "Put the disks on shared or replicated storage, and detach devices, where the guests must survive the node.";
}
