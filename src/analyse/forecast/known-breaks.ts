// Moments at which the level of a series may change at once for a reason on record: a resize, a migration, an upgrade of
// Proxmox VE. A forecast must not take them for a trend.
import type { EventLog } from "../../model/event.ts";
import type { FactChange, FactHistory } from "../../model/facts.ts";
import type { FleetView } from "../../model/fleet.ts";
import { type ClusterId, type EntityId, nodeEntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";

export interface BreakQuestion {
  readonly cluster: ClusterId;
  readonly fromMs: number;
  readonly toMs: number;
  /** Only of this thing; of all when left out. */
  readonly subject?: EntityId;
}

export interface BreakSources {
  readonly events: EventLog;
  readonly history: FactHistory;
  readonly fleet: Pick<FleetView, "get">;
}

/** Ascending moments for a series, few and apart. */
export type KnownBreaks = (id: EntityId, field: MetricId) => readonly number[];

interface Break {
  readonly at: number;
  /** A field of the subject, or one of the two words below. */
  readonly moves: MetricId;
}

const allFields = "all fields";
/** An upgrade to another release changes how guests are measured, too. */
const guestsToo = "fields of guests, too";

/** What a changed line of a configuration moves. */
const movedBy: Readonly<Record<string, MetricId>> = {
  cores: "cpu_ratio",
  memory_bytes: "mem_used_bytes",
  disk_bytes: "disk_used_bytes",
};
const migrations = ["qmigrate", "vzmigrate"] as const;
const dayMs = 86_400_000;
const mostChanges = 5_000;
const mostEvents = 1_000;
/** Every step that is taken out takes some of the true growth with it: a guest that moves daily must keep its own. */
const mostBreaks = 4;
const leastApartMs = 3 * dayMs;

export async function knownBreaks(sources: BreakSources, question: BreakQuestion): Promise<KnownBreaks> {
  const bySubject = new Map<EntityId, Break[]>();
  const note = (subject: EntityId, found: Break): void => {
    const list = bySubject.get(subject) ?? [];
    bySubject.set(subject, list);
    list.push(found);
  };
  await noteResizes(sources, question, note);
  await noteUpgrades(sources, question, note);
  await noteMigrations(sources, question, note);
  return (id, field) => {
    const node = nodeOf(sources, id);
    const upgrades = node === undefined ? [] : (bySubject.get(node) ?? []).filter(({ moves }) => moves === guestsToo);
    const own = (bySubject.get(id) ?? []).filter(({ moves }) => moves === field || moves === allFields);
    return apart([...own, ...upgrades].map(({ at }) => at));
  };
}

type Note = (subject: EntityId, found: Break) => void;

async function noteResizes({ history }: BreakSources, question: BreakQuestion, note: Note): Promise<void> {
  const changes = await history.changes({ kind: "guest_config", subject: question.subject, limit: mostChanges });
  for (const change of changes.filter((each) => isChangeIn(each, question)))
    for (const [name, field] of Object.entries(movedBy))
      if (name in (change.after ?? {})) note(change.subject, { at: change.at, moves: field });
}

async function noteUpgrades({ history, fleet }: BreakSources, question: BreakQuestion, note: Note): Promise<void> {
  const { subject } = question;
  const of = subject === undefined ? undefined : (nodeOf({ fleet }, subject) ?? subject);
  const changes = await history.changes({ kind: "hardware", subject: of, limit: mostChanges });
  for (const change of changes.filter((each) => isChangeIn(each, question))) {
    const { before, after, at } = change;
    if (majorOf(before?.["pve_version"]) !== majorOf(after?.["pve_version"]))
      note(change.subject, { at, moves: guestsToo });
    if (movesNode.some((name) => name in (after ?? {}))) note(change.subject, { at, moves: allFields });
  }
}

const movesNode = ["pve_version", "cpu_threads", "memory_bytes", "kernel"] as const;

/** "8" of "pve-manager/8.4.1/2a5fa54a"; of nothing nothing. */
const majorOf = (version: unknown): string | undefined =>
  typeof version === "string" ? /(\d+)\./.exec(version)?.[1] : undefined;

const isChangeIn = ({ change, at, subject }: FactChange, { cluster, fromMs, toMs }: BreakQuestion): boolean =>
  change === "changed" && at >= fromMs && at < toMs && subject.startsWith(`${cluster}/`);

/** A guest's share of CPU is another on another processor. Read week by week: nobody waits long for the log then. */
async function noteMigrations({ events }: BreakSources, question: BreakQuestion, note: Note): Promise<void> {
  const { cluster, subject, fromMs, toMs } = question;
  for (let end = toMs; end > fromMs; end -= 7 * dayMs) {
    const found = await events.query({
      cluster,
      subject,
      topics: ["task"],
      types: migrations,
      fromMs: Math.max(fromMs, end - 7 * dayMs),
      toMs: end,
      limit: mostEvents,
    });
    for (const { state, subject: guest, endedAt, at } of found)
      if (state === "ok" || state === "warning") note(guest, { at: endedAt ?? at, moves: "cpu_ratio" });
  }
}

function nodeOf({ fleet }: Pick<BreakSources, "fleet">, id: EntityId): EntityId | undefined {
  const entity = fleet.get(id)?.entity;
  return entity?.kind === "guest" ? nodeEntityId(entity.cluster, entity.node) : undefined;
}

/** The newest first: the older a step, the less it matters to what comes. */
function apart(moments: readonly number[]): readonly number[] {
  const kept: number[] = [];
  for (const at of [...moments].sort((a, b) => b - a)) {
    const next = kept.at(-1);
    if (next === undefined || next - at >= leastApartMs) kept.push(at);
    if (kept.length === mostBreaks) break;
  }
  return kept.reverse();
}
