// One HTTP exchange: sends, receives, inflates, with limits on time and size that hold while the bytes come in.
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Dispatcher, Pool } from "undici";
import { PilothouseError } from "../lib/errors.ts";
import { freeBuffers } from "../lib/free-buffer.ts";
import { PveAnswerError, PveCancelledError, type PveError, PveUnreachableError } from "./errors.ts";

export interface WireRequest {
  readonly endpoint: string;
  /** Below /api2/json, for messages. */
  readonly path: string;
  /** As it goes on the wire. */
  readonly target: string;
  readonly method: "GET" | "POST";
  /** Something starts or changes when it arrives, so that nobody knows how it stands when no answer comes. */
  readonly acts: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** One of them aborts when the call is given up. Not joined by AbortSignal.any, which holds on to long-lived ones. */
  readonly signals: readonly AbortSignal[];
}

export interface WireAnswer {
  readonly status: number;
  /** The reason phrase, in which PVE says what is wrong. */
  readonly reason: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly receivedBytes: number;
}

class BodyTooLarge extends Error {}
class GivenUp extends Error {}
class TimedOut extends Error {}

/** Throws a PveUnreachableError, PveTrustError, PveAnswerError or PveCancelledError; any status is an answer. */
export async function exchange(pool: Pool, request: WireRequest): Promise<WireAnswer> {
  const stop = new AbortController();
  const giveUp = (): void => stop.abort(new GivenUp());
  const timer = setTimeout(() => stop.abort(new TimedOut()), request.timeoutMs);
  for (const signal of request.signals) signal.addEventListener("abort", giveUp, { once: true });
  try {
    if (request.signals.some((signal) => signal.aborted)) giveUp();
    const answer = await pool.request({
      method: request.method,
      path: request.target,
      headers: request.headers,
      body: request.body ?? null,
      signal: stop.signal,
    });
    return await receive(answer, request.maxBodyBytes);
  } catch (error) {
    throw failureOf(error, request);
  } finally {
    clearTimeout(timer);
    for (const signal of request.signals) signal.removeEventListener("abort", giveUp);
  }
}

async function receive(answer: Dispatcher.ResponseData, limit: number): Promise<WireAnswer> {
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    receivedBytes += chunk.length;
    if (receivedBytes > limit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  const raw = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, receivedBytes);
  const zipped = header(answer, "content-encoding").toLowerCase() === "gzip";
  return {
    status: answer.statusCode,
    reason: answer.statusText,
    contentType: header(answer, "content-type"),
    body: zipped ? await inflate(raw, limit) : raw,
    receivedBytes,
  };
}

function header(answer: Dispatcher.ResponseData, name: string): string {
  const value = answer.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

const unzip = promisify(gunzip);

/** zlib stops at the limit, so a small body that inflates to gigabytes costs no more than the limit. */
async function inflate(raw: Buffer, limit: number): Promise<Buffer> {
  if (raw.length === 0) return raw;
  // PVE's JSON shrinks to an eighth; with chunks of about that size zlib runs once, not once per 16 KiB.
  const chunkSize = Math.max(16 * 1024, Math.min(raw.length * 9, 4 * 2 ** 20));
  const body = await unzip(raw, { maxOutputLength: limit, chunkSize });
  freeBuffers(raw);
  return body;
}

function failureOf(error: unknown, request: WireRequest): PilothouseError {
  if (error instanceof PilothouseError) return error;
  const { endpoint, path, maxBodyBytes, timeoutMs } = request;
  const context = { endpoint, path, cause: error };
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? "") : "";
  if (error instanceof GivenUp)
    return new PveCancelledError(`The call of ${path} at ${endpoint} was given up.`, context);
  if (error instanceof BodyTooLarge || code === "ERR_BUFFER_TOO_LARGE") {
    const mebibytes = Math.round(maxBodyBytes / 2 ** 20);
    const message = `${endpoint} answered ${path} with more than ${mebibytes} MiB, which is the limit: it was not read; check what answers there.`;
    return new PveAnswerError(message, context);
  }
  if (code === "Z_BUF_ERROR") return new PveAnswerError(`The answer of ${endpoint} to ${path} was cut off.`, context);
  if (code.startsWith("Z_")) return new PveAnswerError(`${endpoint} answered ${path} with broken gzip.`, context);
  if (code.startsWith("HPE_"))
    return new PveAnswerError(`${endpoint} did not answer ${path} in HTTP; check the port.`, context);
  return unanswered(
    request,
    error instanceof TimedOut
      ? `did not answer ${path} within ${Number((timeoutMs / 1000).toFixed(2))} s`
      : `cut the connection while it answered ${path}`,
    error,
  );
}

function unanswered({ endpoint, path, acts }: WireRequest, what: string, cause: unknown): PveError {
  const remedy = acts
    ? "whether it was carried out is not known: look at the task list"
    : "check the node's load and its pveproxy";
  return new PveUnreachableError(`${endpoint} ${what}; ${remedy}.`, { endpoint, path, cause, stage: "answer" });
}
