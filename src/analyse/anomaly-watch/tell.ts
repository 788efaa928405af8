// Makes what a watch has seen into what people are told: the sentence, what happened within ten minutes, and the cause
// that mutes it.
import type { AnomalyRecord, CauseRecord, NearEvent } from "../../model/anomalies.ts";
import type { Event, NewEvent } from "../../model/event.ts";
import { findMetric } from "../../model/metrics.ts";
import {
  type Episode,
  eventsNear,
  explainAnomaly,
  explainFlatLine,
  explainGap,
  explainShift,
  knownCauseOf,
} from "../anomaly/index.ts";
import type { AnomalyContext } from "./context.ts";
import type { Subject } from "./subjects.ts";
import { formatValue, leastTold, type WatchedMetric } from "./watched-metrics.ts";

const dayMs = 86_400_000;
const nearMs = 10 * 60_000;
/** A task that began before may still run: backups of a node take hours. */
const lookBackMs = 6 * 3_600_000;
const mostEvents = 200;
const eventsKept = 8;

/** A gap is told like an episode that has no value. */
export type Told = Pick<Episode, "fromMs" | "noticedMs" | "score" | "value" | "expected" | "low" | "high"> & {
  readonly reason: AnomalyRecord["reason"];
};

export interface Telling {
  readonly message: string;
  readonly cause: CauseRecord | null;
  readonly events: readonly NearEvent[];
}

export async function tell(
  context: AnomalyContext,
  subject: Subject,
  metric: WatchedMetric,
  told: Told,
): Promise<Telling> {
  const span = told.reason === "shift" ? { fromMs: told.fromMs, atMs: told.fromMs + dayMs } : atNoticed(told);
  const events = (await eventsOf(context, subject, span)).map(worded);
  const known = told.reason === "shift" ? undefined : causeOf(context, subject, told, events);
  return {
    message: sentence(subject, metric, told, events),
    cause: known ?? slightness(metric, told),
    events: eventsNear(span, events).slice(0, eventsKept).map(asNear),
  };
}

/** What is long under way is judged by how it began. */
const atNoticed = ({ reason, fromMs, noticedMs }: Told): { fromMs: number; atMs: number } => ({
  fromMs,
  atMs: reason === "flat" || reason === "gap" ? fromMs : noticedMs,
});

async function eventsOf(
  { events }: AnomalyContext,
  { id, cluster, kind, node, name }: Subject,
  { fromMs, atMs }: { readonly fromMs: number; readonly atMs: number },
): Promise<readonly Event[]> {
  const where = kind === "node" ? { node: name } : node === null ? {} : { node };
  const window = { fromMs: fromMs - lookBackMs, toMs: atMs + nearMs, cluster };
  const found = await events.query({ ...window, subject: id, ...where, limit: mostEvents });
  return found.filter((event) => isTold(event, id, kind));
}

/** Of the log only what went wrong; of a guest's neighbours nothing, or every sentence would name a dozen of them. */
function isTold({ topic, state, subject }: Event, id: string, kind: Subject["kind"]): boolean {
  if (topic === "log" && state !== "warning" && state !== "failed") return false;
  return subject === id || kind === "node" || !subject.includes("/guest/");
}

/** A task's text is what it works on and how it ended; its type says what it is. */
const worded = (event: Event): Event =>
  event.topic === "task" ? { ...event, text: `${event.type} ${event.text}`.trim() } : event;

function causeOf(
  context: AnomalyContext,
  { id, node, name, kind }: Subject,
  told: Told,
  events: readonly NewEvent[],
): CauseRecord | undefined {
  const onNode = kind === "node" ? name : node;
  const maintenances = context.maintenances.filter(
    ({ subject }) => subject === id || subject.endsWith(`/node/${onNode}`),
  );
  const { fromMs, atMs } = atNoticed(told);
  const known = knownCauseOf({ subject: id, stretch: { fromMs, atMs }, events, maintenances });
  if (known === undefined) return undefined;
  return { ...known, untilMs: Number.isFinite(known.untilMs) ? known.untilMs : null };
}

/** Too small to tell; muted for as long as it stays so. */
export function slightness(metric: WatchedMetric, { reason, value, expected, low, high }: Told): CauseRecord | null {
  if (expected === null || reason === "flat" || reason === "gap") return null;
  const lively = reason === "still" || reason === "restless";
  const size = lively ? (high ?? 0) - (low ?? 0) : Math.abs(value - expected);
  const least = leastTold(metric, expected);
  if (size >= least) return null;
  const text = `${formatValue(metric, size)} is less than the ${formatValue(metric, least)} that are told`;
  return { cause: "slight", text, atMs: null, untilMs: null };
}

const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;

function sentence({ name, id }: Subject, metric: WatchedMetric, told: Told, events: readonly NewEvent[]): string {
  const series = {
    name: `${capital(metric.words)} of ${name} (${id})`,
    format: (value: number) => formatValue(metric, value),
  };
  const { fromMs, noticedMs: atMs, value, expected, reason } = told;
  switch (reason) {
    case "gap":
      return explainGap({ fromMs, atMs }, `${name} (${id})`, events);
    case "flat":
      return explainFlatLine({ fromMs, atMs, value }, series, events);
    case "shift":
      return explainShift({ fromMs, before: expected ?? Number.NaN, after: value }, series, events);
    case "value":
    case "jump":
    case "level":
    case "still":
    case "restless": {
      const [low, high] = [told.low ?? Number.NaN, told.high ?? Number.NaN];
      const range = { low: Math.max(low, leastOf(metric)), high };
      return explainAnomaly({ reason, fromMs, atMs, value, score: told.score ?? 0, ...range }, series, events);
    }
  }
}

/** What cannot be measured need not be expected: no CPU below 0. */
export const leastOf = ({ kind, metric }: WatchedMetric): number =>
  findMetric(kind, metric)?.min ?? Number.NEGATIVE_INFINITY;

const asNear = ({ at, endedAt, topic, type, subject, user, state, text }: NewEvent): NearEvent => ({
  atMs: at,
  endedAtMs: endedAt,
  topic,
  type,
  subject,
  user,
  state,
  text,
});
