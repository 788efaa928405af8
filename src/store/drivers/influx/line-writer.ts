// Sends lines by InfluxDB's own client, one request per batch and none of its retries: it would keep what waits in
// memory and drop it after minutes, and the journal does neither.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { HttpError, InfluxDB, setLogger, type Transport } from "@influxdata/influxdb-client";
import { SinkError } from "../../../lib/errors.ts";
import { errorOfAnswer, errorOfTransport } from "./answer-error.ts";
import type { InfluxEdition } from "./influx-options.ts";
import type { InfluxServer } from "./influx-server.ts";

// Its messages go to the console, and repeat what our own state says better.
setLogger({ error: () => undefined, warn: () => undefined });

const timeoutMs = 30_000;
/** Below it a body is not worth packing. */
const gzipFromBytes = 1_000;

export class LineWriter {
  readonly #server: InfluxServer;
  readonly #edition: InfluxEdition;
  readonly #agents = new Set<HttpAgent>();
  readonly #idle: Connection[] = [];

  constructor(server: InfluxServer, edition: InfluxEdition) {
    this.#server = server;
    this.#edition = edition;
  }

  /** Resolves when the server acknowledged all lines. Throws a SinkError. */
  async send(body: string, signal: AbortSignal): Promise<void> {
    const connection = this.#idle.pop() ?? this.#open();
    const giveUp = (): void => connection.agent.destroy();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await connection.send(body);
      this.#idle.push(connection);
    } catch (error) {
      connection.agent.destroy();
      this.#agents.delete(connection.agent);
      throw error instanceof HttpError ? refusal(error) : errorOfTransport(error);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  /** A connection of its own for every write that is under way, so that one that hangs can be cut alone. */
  #open(): Connection {
    const { options } = this.#server;
    const isTls = options.url.startsWith("https:");
    const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
    this.#agents.add(agent);
    const { transport } = new InfluxDB({
      url: options.url,
      timeout: timeoutMs,
      headers: { ...this.#server.authorization(this.#edition) },
      transportOptions: { agent, ...(options.ca === null ? {} : { ca: options.ca }) },
    });
    const client = new InfluxDB({ url: options.url, transport: refusingPartial(transport) });
    return { agent, send: async (body) => this.#write(client, body) };
  }

  async #write(client: InfluxDB, body: string): Promise<void> {
    const { org, bucket, gzip } = this.#server.options;
    // A dash, because a clustered 3 wants a name there, whichever.
    const api = client.getWriteApi(org === "" ? "-" : org, bucket, "ns", {
      batchSize: 2,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
      maxBufferLines: 0,
      ...(gzip ? { gzipThreshold: gzipFromBytes } : { gzipThreshold: Number.MAX_SAFE_INTEGER }),
    });
    if (this.#edition === "1") api.path = writePathOf1(bucket);
    // All lines as one record: it counts the bytes of every record one by one.
    api.writeRecord(body);
    await api.flush();
  }
}

interface Connection {
  readonly agent: HttpAgent;
  send(body: string): Promise<void>;
}

/** Before 1.8 there is no /api/v2. */
function writePathOf1(bucket: string): string {
  const [database = "", policy] = bucket.split("/");
  const parameters = new URLSearchParams({ db: database, precision: "ns" });
  if (policy !== undefined) parameters.set("rp", policy);
  return `/write?${parameters.toString()}`;
}

/** 201 says that some lines were taken and others not; the client takes it for a success, and they would be lost. */
function refusingPartial(transport: Transport): Transport {
  return {
    chunkCombiner: transport.chunkCombiner,
    request: (...all) => transport.request(...all),
    iterate: (...all) => transport.iterate(...all),
    send: (path, body, options, callbacks) => {
      let status: number | undefined;
      let text = "";
      transport.send(path, body, options, {
        ...callbacks,
        responseStarted: (headers, code) => {
          status = code;
          callbacks?.responseStarted?.(headers, code);
        },
        next: (data: Uint8Array) => {
          text += Buffer.from(data).toString("utf8");
        },
        error: (error) => callbacks?.error?.(error),
        complete: () => {
          if (status === 201)
            callbacks?.error?.(new SinkError(`201 partial write: ${text.slice(0, 300)}`, "malformed"));
          else callbacks?.complete?.();
        },
      });
    },
  };
}

const refusal = ({ statusCode, body = "", headers }: HttpError): SinkError =>
  errorOfAnswer(statusCode, body, headers?.["retry-after"]);
