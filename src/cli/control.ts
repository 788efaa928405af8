// How the command line reaches a running service: one question and one answer as JSON lines over a Unix socket in the
// data directory, which only the service's own user may open.
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LockedError, PilothouseError, StoreError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

export type ControlMethods = Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => Promise<unknown>>>;

export interface ControlServer {
  /** Stops listening and removes the socket. */
  close(): Promise<void>;
}

/** No service runs on the data directory, or it may not be reached. */
export class NoServiceError extends PilothouseError {
  readonly code = "PH_NO_SERVICE";
  override readonly exitCode = 69;
}

/** What the running service answered instead of a result, with its exit code. */
export class ControlError extends PilothouseError {
  readonly code: string;
  override readonly exitCode: number;

  constructor(message: string, code: string, exitCode: number) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

const socketName = "control.sock";
/** Names the socket's place when the path in the data directory would be too long for the system. */
const pointerName = "control.path";
/** A Unix socket's path has 108 bytes on Linux, 104 elsewhere, and is cut silently above that. */
const longestPath = 100;
const mostQuestionBytes = 1 << 20;
/** A support report has a thousand lines of log and the names of all guests. */
const mostAnswerBytes = 64 << 20;

/** Asks the service that owns `dataDir`. Throws a NoServiceError when there is none. */
export function controlCall(
  dataDir: string,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  timeoutMs = 10_000,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketOf(dataDir));
    socket.setTimeout(timeoutMs, () => {
      socket.destroy(new StoreError(`The service on ${dataDir} did not answer within ${timeoutMs / 1000} s.`));
    });
    socket.once("error", (error) => reject(error instanceof PilothouseError ? error : noService(dataDir, error)));
    socket.once("close", () => reject(new StoreError(`The service on ${dataDir} ended before it answered.`)));
    onLine(socket, mostAnswerBytes, (line) => {
      const answer = JSON.parse(line) as {
        result?: unknown;
        error?: { message: string; code: string; exitCode: number };
      };
      const { error } = answer;
      if (error === undefined) resolve(answer.result);
      else reject(new ControlError(error.message, error.code, error.exitCode));
      socket.destroy();
    });
    socket.write(`${JSON.stringify({ method, params })}\n`);
  });
}

/** Listens in `dataDir`. Throws a LockedError when another service answers there already. */
export async function serveControl(dataDir: string, methods: ControlMethods, log: Log): Promise<ControlServer> {
  const path = await freePath(dataDir);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", (error) => log.debug({ err: error }, "control connection failed"));
    onLine(socket, mostQuestionBytes, (line) => {
      void answer(line, methods, log).then((text) => socket.end(`${text}\n`));
    });
  });
  await listenPrivately(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          forget(dataDir, path);
          resolve();
        });
      }),
  };
}

async function answer(line: string, methods: ControlMethods, log: Log): Promise<string> {
  try {
    const { method, params } = JSON.parse(line) as { method: string; params: Record<string, unknown> };
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (run === undefined)
      throw new StoreError(`The running service does not know "${method}"; restart it after an upgrade.`);
    return JSON.stringify({ result: (await run(params)) ?? null });
  } catch (error) {
    if (error instanceof PilothouseError) {
      return JSON.stringify({ error: { message: error.message, code: error.code, exitCode: error.exitCode } });
    }
    log.error({ err: error }, "control call failed");
    return JSON.stringify({
      error: { message: "The service failed to answer; see its log.", code: "PH_INTERNAL", exitCode: 1 },
    });
  }
}

function onLine(socket: Socket, mostBytes: number, take: (line: string) => void): void {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end === -1 && text.length <= mostBytes) return;
    socket.removeAllListeners("data");
    if (end === -1) socket.destroy();
    else take(text.slice(0, end));
  });
}

function socketOf(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, pointerName), "utf8").trim();
  } catch {
    return join(dataDir, socketName);
  }
}

/** A socket that nobody answers on is left over from a crash and makes way. */
async function freePath(dataDir: string): Promise<string> {
  const found = socketOf(dataDir);
  if (await isAnswered(found)) {
    throw new LockedError(`Another Pilothouse runs on ${dataDir}; stop it first, or use another data directory.`);
  }
  forget(dataDir, found);
  const direct = join(dataDir, socketName);
  if (Buffer.byteLength(direct) <= longestPath) return direct;
  const short = join(mkdtempSync(join(tmpdir(), "pilothouse-")), socketName);
  writeFileSync(join(dataDir, pointerName), `${short}\n`, { mode: 0o600 });
  return short;
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The mask holds while the socket is made, so that there is no moment in which others could open it. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(new StoreError(`The control socket ${path} cannot be made.`, { cause })));
      server.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
}

function forget(dataDir: string, path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not there: a closed server removes its socket itself.
  }
  if (path === join(dataDir, socketName)) return;
  rmSync(join(dataDir, pointerName), { force: true });
  rmSync(join(path, ".."), { recursive: true, force: true });
}

function noService(dataDir: string, cause: NodeJS.ErrnoException): NoServiceError {
  const denied = cause.code === "EACCES" || cause.code === "EPERM";
  const message = denied
    ? `The service on ${dataDir} belongs to another user; run this as that user.`
    : `No service runs on ${dataDir}; start one with: pilothouse serve`;
  return new NoServiceError(message, { cause });
}
