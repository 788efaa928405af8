// Gives every sink the events, in the order in which they were noted. How far each has come is remembered in its folder;
// what a crash makes us forget is given again, which changes nothing there.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/index.ts";
import type { SinkFeed, State, StoreControl } from "../store/index.ts";
import type { ScheduledJob } from "./housekeeping.ts";

const eventsPerWrite = 1_000;
/** So that years of events, for a sink that came later, do not keep one run busy for ever. */
const writesPerRun = 20;

export interface EventFeedOptions {
  readonly dataDir: string;
  readonly sinks: readonly string[];
  readonly events: Pick<State["events"], "after">;
  readonly feed: Pick<SinkFeed, "writeEvents">;
}

export class EventFeed {
  readonly #options: EventFeedOptions;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Throws the first error of a sink, after all were tried. */
  async run(): Promise<string> {
    const outcomes = await Promise.allSettled(this.#options.sinks.map(async (sink) => this.#feed(sink)));
    const failed = outcomes.find((outcome): outcome is PromiseRejectedResult => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const given = outcomes.reduce((sum, outcome) => sum + (outcome.status === "fulfilled" ? outcome.value : 0), 0);
    return `Gave ${given} events to ${outcomes.length} sinks.`;
  }

  async #feed(sink: string): Promise<number> {
    const { events, feed } = this.#options;
    let given = 0;
    for (let writes = 0; writes < writesPerRun; writes++) {
      const next = await events.after(this.#cursor(sink), eventsPerWrite);
      const last = next.at(-1);
      if (last === undefined || !(await feed.writeEvents(sink, next))) return given;
      this.#save(sink, last.seq);
      given += next.length;
    }
    return given;
  }

  #cursor(sink: string): number {
    try {
      const { seq } = JSON.parse(readFileSync(this.#path(sink), "utf8")) as { readonly seq?: unknown };
      return typeof seq === "number" ? seq : 0;
    } catch {
      // Not there yet, or damaged: all of them once more.
      return 0;
    }
  }

  #save(sink: string, seq: number): void {
    const path = this.#path(sink);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify({ seq }), { mode: 0o640 });
    renameSync(`${path}.new`, path);
  }

  #path(sink: string): string {
    return join(this.#options.dataDir, "sinks", sink, "events.json");
  }
}

/** Events go to sinks beside the journal: they lie in the state database, which keeps them. */
export function eventJobs(
  { dataDir, sinks }: Pick<Settings, "dataDir" | "sinks">,
  { state, store }: { readonly state: Pick<State, "events">; readonly store: Pick<StoreControl, "sinkFeed"> },
): ScheduledJob[] {
  if (sinks.length === 0) return [];
  const names = sinks.map(({ id }) => id);
  const feed = new EventFeed({ dataDir, sinks: names, events: state.events, feed: store.sinkFeed });
  return [{ id: "sink-events", summary: "Gives events to the sinks", schedule: "* * * * *", run: () => feed.run() }];
}
