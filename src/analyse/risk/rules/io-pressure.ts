// Nodes and guests whose tasks all stood still waiting for I/O, for a quarter of an hour or longer.
// PVE tells pressure as the kernel's avg10; three means of five minutes stand for "avg300 over 10 % for 15 minutes".
import type { Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { Severity } from "../../../model/problem.ts";
import { timesInWords } from "../words.ts";

export const lookBackMs = 86_400_000;
export const stepMs = 300_000;
const overPercent = 10;
const leastMs = 15 * 60_000;
const hourMs = 3_600_000;
/** So many guests of a node at once have a cause in common. */
const fewestShared = 3;

export interface Pressed {
  readonly cluster: string;
  readonly subject: EntityId;
  readonly name: string;
  /** The node that a guest runs on; null for a node. */
  readonly on: { readonly id: EntityId; readonly name: string } | null;
  /** Means over stretches; each as long as its `lengthMs`. */
  readonly stretches: readonly { readonly atMs: number; readonly lengthMs: number; readonly percent: number }[];
}

interface Spell {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sum: number;
}

/** Of nodes and guests together: where a node's guests wait all at once, it is the node's storage that is told of. */
export function judgePressures(all: readonly Pressed[], nowMs: number): readonly Finding[] {
  const loads = all.flatMap((pressed) => loadOf(pressed) ?? []);
  const nodes = new Set(loads.flatMap(({ pressed }) => (pressed.on === null ? [] : [pressed.on.id])));
  const shared = [...nodes].flatMap((node) => {
    const guests = loads.filter(({ pressed }) => pressed.on?.id === node);
    return guests.length < fewestShared ? [] : [guests];
  });
  const told = new Set(shared.flat());
  return [
    ...loads.filter((load) => !told.has(load)).map((load) => finding(load, nowMs)),
    ...shared.flatMap((guests) => together(guests, nowMs)),
  ];
}

interface Load {
  readonly pressed: Pressed;
  readonly spells: readonly Spell[];
  readonly longest: Spell;
  readonly totalMs: number;
  readonly mean: number;
}

function loadOf(pressed: Pressed): Load | undefined {
  const spells = spellsOf(pressed).filter(({ fromMs, toMs }) => toMs - fromMs >= leastMs);
  const [first] = spells;
  if (first === undefined) return undefined;
  const totalMs = spells.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const longest = spells.reduce((best, spell) => (lengthOf(spell) > lengthOf(best) ? spell : best), first);
  return { pressed, spells, longest, totalMs, mean: spells.reduce((sum, spell) => sum + spell.sum, 0) / totalMs };
}

const lengthOf = ({ fromMs, toMs }: Spell): number => toMs - fromMs;
const severityOf = ({ totalMs, mean }: Load): Severity => (totalMs >= 6 * hourMs || mean >= 40 ? "warning" : "info");

export const formula =
  "full over 10 % in each five-minute mean for at least 15 minutes, within the last 24 hours; three or more guests of one node are told of together · warning: 6 hours of it, or 40 % on the mean";

function finding(load: Load, nowMs: number): Finding {
  const { subject, name, on } = load.pressed;
  return {
    ...commonOf(load, nowMs),
    subject,
    key: "",
    message: `All tasks of ${name} waited for I/O during ${timesOf(load)}.`,
    remedy:
      on === null ? nodeRemedy : "Move its disk to a faster storage, or limit the neighbours that read and write then.",
    fields: { name, minutes_over: Math.round(load.totalMs / 60_000), guests: null, due_at_ms: null },
  };
}

/** The worst of them stands for all. */
function together(guests: readonly Load[], nowMs: number): readonly Finding[] {
  const [worst, ...rest] = [...guests].sort((a, b) => b.totalMs * b.mean - a.totalMs * a.mean);
  const on = worst?.pressed.on ?? null;
  if (worst === undefined || on === null) return [];
  const names = [worst, ...rest].slice(0, 3).map(({ pressed }) => pressed.name);
  return [
    {
      ...commonOf(worst, nowMs),
      subject: on.id,
      key: "guests",
      message: `All tasks of ${guests.length} guests of ${on.name} waited for I/O, worst ${names.join(", ")}; of the first during ${timesOf(worst)}.`,
      remedy: nodeRemedy,
      fields: {
        name: on.name,
        minutes_over: Math.round(worst.totalMs / 60_000),
        guests: guests.length,
        due_at_ms: null,
      },
    },
  ];
}

const nodeRemedy =
  "Look which guests of the node read and write then (sort guests by disk), and limit them (`mbps_wr`, `iops`) or move their disks.";

const timesOf = ({ mean, totalMs, spells, longest }: Load): string =>
  `${Math.round(mean)} % of ${minutes(totalMs)} in the last 24 hours, ${timesInWords(spells.length)}, longest from ${clock(longest.fromMs)} to ${clock(longest.toMs)} UTC`;

const commonOf = (load: Load, nowMs: number) => ({
  kind: "io-pressure",
  cluster: load.pressed.cluster,
  severity: severityOf(load),
  certainty: "rule" as const,
  evidence: [
    {
      what: "time all tasks waited for I/O, five-minute means",
      series: { id: load.pressed.subject, metric: "psi_io_full_percent" },
      fromMs: nowMs - lookBackMs,
      toMs: nowMs,
      numbers: {
        minutes_over: Math.round(load.totalMs / 60_000),
        mean_percent: Math.round(load.mean * 10) / 10,
        spells: load.spells.length,
      },
    },
  ],
  formula,
});

function spellsOf({ stretches }: Pressed): readonly Spell[] {
  const spells: Spell[] = [];
  for (const { atMs, lengthMs, percent } of stretches) {
    if (percent <= overPercent) continue;
    const last = spells.at(-1);
    const spell = { fromMs: atMs, toMs: atMs + lengthMs, sum: percent * lengthMs };
    if (last !== undefined && last.toMs === atMs) spells[spells.length - 1] = joined(last, spell);
    else spells.push(spell);
  }
  return spells;
}

const joined = (a: Spell, b: Spell): Spell => ({ fromMs: a.fromMs, toMs: b.toMs, sum: a.sum + b.sum });
const clock = (atMs: number): string => new Date(atMs).toISOString().slice(11, 16);
const minutes = (ms: number): string =>
  ms < 2 * hourMs ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / hourMs)} hours`;
