// InfluxDB, or what takes its line protocol, as a sink. Retries, order and bookkeeping are done in front of it (sinks/).
import type { Clock } from "../../../lib/clock.ts";
import { SinkError } from "../../../lib/errors.ts";
import { type Batch, rowCount } from "../../../model/batch.ts";
import type { Event } from "../../../model/event.ts";
import type { Sink, SinkTraffic, SinkWrite } from "../../../model/sink.ts";
import type { TagBook } from "../../sinks/tag-book.ts";
import { batchLines, type LineRules } from "./batch-lines.ts";
import { makeBucket, makeTables } from "./bucket-setup.ts";
import { eventLines } from "./event-lines.ts";
import { expectedBlocks } from "./expected-rows.ts";
import type { InfluxOptions } from "./influx-options.ts";
import { InfluxServer } from "./influx-server.ts";
import { LineWriter } from "./line-writer.ts";
import { pveLines } from "./pve-shape.ts";
import { hasAll } from "./read-back.ts";
import { SeriesKeys } from "./series-keys.ts";
import { hasAllInVictoria } from "./victoria-read-back.ts";

export interface InfluxSinkParts {
  readonly name: string;
  readonly options: InfluxOptions;
  readonly clock: Clock;
  /** Null where nobody tells what the tags need: then they are written without. */
  readonly tags: TagBook | null;
}

/** Clocks of nodes may be ahead of ours, but not by a day. */
const futureMs = 86_400_000;
/** Rows that are about to go would be missed by the read-back a minute later. */
const retentionMarginMs = 3_600_000;

export class InfluxSink implements Sink {
  readonly name: string;
  readonly #parts: InfluxSinkParts;
  readonly #server: InfluxServer;
  readonly #keys = new SeriesKeys();
  #writer: Promise<LineWriter> | undefined;
  #traffic: SinkTraffic = { writes: 0, rows: 0, bytes: 0 };

  constructor(parts: InfluxSinkParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#server = new InfluxServer(parts.options);
  }

  /** For the reader of the same server. */
  get server(): InfluxServer {
    return this.#server;
  }

  async write(batch: Batch, signal: AbortSignal): Promise<SinkWrite> {
    this.#waitForTags(batch);
    const { lines, rejected } = this.#linesOf(batch);
    const bytes = lines.length === 0 ? 0 : await this.#send(lines, signal);
    const { writes, rows, bytes: before } = this.#traffic;
    this.#traffic = { writes: writes + 1, rows: rows + rowCount(batch), bytes: before + bytes };
    return { rejected };
  }

  async verify(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const { shape, readUrl, url } = this.#parts.options;
    // The other shape has no values to the bit; what both share is proven by ours.
    if (shape === "pve") return true;
    const { edition } = await this.#server.identity(signal);
    const isCluster = edition === "victoria-metrics" && readUrl === null && /\/insert\//.test(url);
    if (isCluster) return true;
    for (const block of expectedBlocks(batch, this.#rules())) {
      const isThere =
        edition === "victoria-metrics"
          ? await hasAllInVictoria(this.#server, block, signal)
          : await hasAll(this.#server, block, signal);
      if (!isThere) return false;
    }
    return true;
  }

  stats(): SinkTraffic {
    return this.#traffic;
  }

  async close(): Promise<void> {
    const writer = await this.#writer?.catch(() => undefined);
    writer?.close();
    await this.#server.close();
  }

  /** Not into VictoriaMetrics, which knows numbers only; nor where the other shape alone is wanted. */
  async writeEvents(events: readonly Event[], signal: AbortSignal): Promise<void> {
    if (this.#parts.options.shape === "pve") return;
    const { edition } = await this.#server.identity(signal);
    const lines = edition === "victoria-metrics" ? [] : eventLines(events, this.#rules().fromMs);
    if (lines.length > 0) await this.#send(lines, signal);
  }

  #linesOf(batch: Batch): { readonly lines: readonly string[]; readonly rejected: SinkWrite["rejected"] } {
    const { shape } = this.#parts.options;
    const rules = this.#rules();
    const { lines, rejected } = batchLines(batch, rules);
    if (shape === "pilothouse") return { lines, rejected };
    const others = pveLines(batch, rules);
    return { lines: shape === "pve" ? others : [...lines, ...others], rejected };
  }

  #rules(): LineRules {
    const { clock, tags, options } = this.#parts;
    const now = clock.now();
    const { retentionS } = options;
    const fromMs = retentionS === null ? Number.NEGATIVE_INFINITY : now - retentionS * 1000 + retentionMarginMs;
    return { tagsOf: (id) => tags?.get(id), keys: this.#keys, fromMs, untilMs: now + futureMs };
  }

  #waitForTags({ blocks }: Batch): void {
    const { tags, clock } = this.#parts;
    if (tags === null) return;
    const now = clock.now();
    const unknown = blocks
      .filter(({ kind }) => kind === "guest" || kind === "storage")
      .flatMap(({ ids }) => ids.filter((id) => tags.isWorthWaiting(id, now)));
    const [first] = unknown;
    if (first !== undefined)
      throw new SinkError(`Nothing is known of ${first} yet; its batch waits until it is described.`, "passing");
  }

  async #send(lines: readonly string[], signal: AbortSignal): Promise<number> {
    const body = lines.join("\n");
    const writer = await this.#ready(signal);
    try {
      await writer.send(body, signal);
    } catch (error) {
      if (!isMissingBucket(error) || !this.#parts.options.create) throw error;
      await makeBucket(this.#server, signal);
      await this.#tables(signal);
      await writer.send(body, signal);
    }
    return body.length;
  }

  /** Asked for at every write until it was answered once. */
  async #ready(signal: AbortSignal): Promise<LineWriter> {
    this.#writer ??= this.#open(signal);
    try {
      return await this.#writer;
    } catch (error) {
      this.#writer = undefined;
      throw error;
    }
  }

  async #open(signal: AbortSignal): Promise<LineWriter> {
    const { edition } = await this.#server.identity(signal);
    await this.#tables(signal);
    return new LineWriter(this.#server, edition);
  }

  async #tables(signal: AbortSignal): Promise<void> {
    const { edition } = await this.#server.identity(signal);
    if (edition === "3" && this.#parts.options.create) await makeTables(this.#server, signal);
  }
}

/** 404 with a word about what is missing; another 404 means that the address is wrong. */
const isMissingBucket = (error: unknown): boolean =>
  error instanceof SinkError && error.message.startsWith("404") && /bucket|database|not found/i.test(error.message);
