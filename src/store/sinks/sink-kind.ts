// What a kind of sink is, for the registry (index.ts): a name for the configuration, and how to open one.
import type { Clock } from "../../lib/clock.ts";
import type { Sink } from "../../model/sink.ts";
import type { SampleReader } from "../sample-reader.ts";
import type { TagBook } from "./tag-book.ts";

/** As the configuration says it; crosses a thread, so it holds plain values only. */
export interface SinkSettings {
  /** `[a-z][a-z0-9-]{0,30}`, unlike every other sink's. */
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a sink may need besides its settings. */
export interface SinkContext {
  readonly clock: Clock;
  readonly tags: TagBook;
}

export interface SinkKind {
  readonly kind: string;
  readonly summary: string;
  /**
   * Makes the sink without asking its server anything: that may be down, and collecting starts all the same.
   * Throws a ConfigError when the options cannot be used.
   */
  open(settings: SinkSettings, context: SinkContext): Promise<Sink>;
  /** Reads what a sink of this kind wrote; left out where nothing can be read. */
  reader?(settings: SinkSettings): SampleReader;
}
