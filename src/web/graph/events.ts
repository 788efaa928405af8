// What happened in a graph's time, for the marks on it: fetched once for all graphs of a page, in Proxmox's words.
import { useEffect, useState } from "preact/hooks";
import { callApi, isAbort, serverNow } from "../api.ts";
import { taskWords } from "../fleet/task-words.ts";
import { type Range, spanOf } from "./range.ts";

export interface EventItem {
  readonly seq: number;
  readonly at: string;
  readonly ended_at: string | null;
  readonly topic: "task" | "log" | "config" | "ha" | "fact";
  readonly type: string;
  readonly subject: string;
  readonly node: string | null;
  readonly user: string | null;
  readonly state: "running" | "ok" | "warning" | "failed" | "info" | "unknown";
  readonly text: string;
}

export interface GraphEvent {
  readonly atMs: number;
  readonly words: string;
  readonly level: "failed" | "warning" | "";
}

const everyMs = 30_000;
/** More marks than this say nothing on a graph. */
const mostEvents = 500;

/** null until the first answer; a failure leaves what was there, for a graph without marks is still a graph. */
export function useEvents(subject: string, range: Range): readonly EventItem[] | null {
  const [items, setItems] = useState<readonly EventItem[] | null>(null);
  const rangeKey = JSON.stringify(range);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      try {
        const { fromMs, toMs } = spanOf(range, serverNow());
        const query = new URLSearchParams({
          subject,
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          limit: String(mostEvents),
        });
        setItems(
          (await callApi<{ readonly items: readonly EventItem[] }>(`/events?${query}`, { signal: abort.signal })).items,
        );
      } catch (error) {
        if (isAbort(error)) return;
      }
      if (!abort.signal.aborted) timer = setTimeout(() => void load(), everyMs);
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [subject, rangeKey]);
  return items;
}

export function graphEvent(item: EventItem): GraphEvent {
  const who = item.user === null ? "" : ` · ${item.user}`;
  const level = item.state === "failed" || item.state === "warning" ? item.state : "";
  return { atMs: Date.parse(item.at), words: `${eventWords(item)}${who}`, level };
}

/** "VM 100 - Migrate", "VM 100 - Backup: job errors", a log line, a change. */
export function eventWords({ topic, type, text }: EventItem): string {
  if (topic !== "task") return text;
  const [, subject = "", outcome = ""] = /^([^ ]*?)(?:: (.*))?$/s.exec(text) ?? [];
  const words = taskWords({ type, subject });
  return outcome === "" ? words : `${words}: ${outcome}`;
}

export interface EventGroup {
  /** Distance from the left edge, in pixels. */
  readonly x: number;
  readonly events: readonly GraphEvent[];
  readonly level: GraphEvent["level"];
}

/** Events that fall on nearly the same pixels are one mark; the worst decides its colour. */
export function groupEvents(
  events: readonly GraphEvent[],
  xOf: (atMs: number) => number,
  nearPx: number,
): readonly EventGroup[] {
  const sorted = [...events].sort((a, b) => a.atMs - b.atMs);
  const groups: { x: number; events: GraphEvent[]; level: GraphEvent["level"] }[] = [];
  for (const event of sorted) {
    const x = xOf(event.atMs);
    const last = groups.at(-1);
    if (last === undefined || x - last.x > nearPx) groups.push({ x, events: [event], level: event.level });
    else {
      last.events.push(event);
      last.level = worse(last.level, event.level);
    }
  }
  return groups;
}

const order = ["", "warning", "failed"] as const;
const worse = (a: GraphEvent["level"], b: GraphEvent["level"]): GraphEvent["level"] =>
  order.indexOf(a) >= order.indexOf(b) ? a : b;

/** The events within a distance of a moment, nearest first. */
export function eventsNear(events: readonly GraphEvent[], atMs: number, reachMs: number): readonly GraphEvent[] {
  const distance = (event: GraphEvent): number => Math.abs(event.atMs - atMs);
  return events.filter((event) => distance(event) <= reachMs).sort((a, b) => distance(a) - distance(b));
}
