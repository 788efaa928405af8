// Nodes and guests whose tasks all stood still waiting for I/O, for a quarter of an hour or longer.
// PVE tells pressure as the kernel's avg10; three means of five minutes stand for "avg300 over 10 % for 15 minutes".
import type { Finding } from "../../../model/finding.ts";
import type { EntityId } from "../../../model/ids.ts";
import type { Severity } from "../../../model/problem.ts";
import { counted } from "../words.ts";

export const lookBackMs = 86_400_000;
export const stepMs = 300_000;
const overPercent = 10;
const leastMs = 15 * 60_000;
const hourMs = 3_600_000;

export interface Pressed {
  readonly cluster: string;
  readonly subject: EntityId;
  readonly name: string;
  readonly kind: "node" | "guest";
  /** Means over stretches; each as long as its `lengthMs`. */
  readonly stretches: readonly { readonly atMs: number; readonly lengthMs: number; readonly percent: number }[];
}

interface Spell {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sum: number;
}

export function judgePressure(pressed: Pressed, nowMs: number): readonly Finding[] {
  const spells = spellsOf(pressed).filter(({ fromMs, toMs }) => toMs - fromMs >= leastMs);
  if (spells.length === 0) return [];
  const totalMs = spells.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const longest = spells.reduce((best, spell) => (spell.toMs - spell.fromMs > best.toMs - best.fromMs ? spell : best));
  const mean = spells.reduce((sum, spell) => sum + spell.sum, 0) / totalMs;
  const hours = totalMs / hourMs;
  const severity: Severity = hours >= 6 || mean >= 40 ? "warning" : "info";
  const { cluster, subject, name, kind } = pressed;
  return [
    {
      kind: "io-pressure",
      cluster,
      subject,
      key: "",
      severity,
      certainty: "rule",
      message: `All tasks of ${name} waited for I/O during ${Math.round(mean)} % of ${minutes(totalMs)} in the last 24 hours, ${counted(spells.length, "time")}, longest from ${clock(longest.fromMs)} to ${clock(longest.toMs)} UTC.`,
      remedy:
        kind === "node"
          ? "Look which guests read and write then (sort guests by disk), and limit them (`mbps_wr`, `iops`) or move their disks."
          : "Move its disk to a faster storage, or limit the neighbours that read and write then.",
      evidence: [
        {
          what: "time all tasks waited for I/O, five-minute means",
          series: { id: subject, metric: "psi_io_full_percent" },
          fromMs: nowMs - lookBackMs,
          toMs: nowMs,
          numbers: {
            minutes_over: Math.round(totalMs / 60_000),
            mean_percent: Math.round(mean * 10) / 10,
            spells: spells.length,
          },
        },
      ],
      formula:
        "full over 10 % in each five-minute mean for at least 15 minutes, within the last 24 hours · warning: 6 hours of it, or 40 % on the mean",
      fields: { name, minutes_over: Math.round(totalMs / 60_000), due_at_ms: null },
    },
  ];
}

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
