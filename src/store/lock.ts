// One instance per data directory. The lock is a file that names its holder; the lock of a process that is dead is
// taken over at once. (DuckDB locks its own file too; this lock covers the journal and says who holds it.)
import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { type Clock, systemClock } from "../lib/clock.ts";
import { LockedError } from "../lib/errors.ts";
import { diskError } from "./disk-error.ts";

export interface DataDirLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Of the holder's machine since its last start; a pid means nothing after a reboot. */
  readonly bootId: string;
  /** When the process was started, in the kernel's ticks; a pid may be given again. */
  readonly processStart: string;
  readonly since: string;
}

/** The holder touches its lock this often, … */
const touchMs = 15_000;
/** … and one of another host that was not touched for this long is dead: its process cannot be looked at from here. */
const abandonedMs = 90_000;
/** The guard of a take-over is held for milliseconds; older ones were left by a crash. */
const guardMs = 10_000;
const attempts = 50;

/** Throws a LockedError that names the holder, or a StoreError when the directory cannot be written to. */
export async function lockDataDir(directory: string, clock: Clock = systemClock): Promise<DataDirLock> {
  const path = join(directory, "pilothouse.lock");
  const content = JSON.stringify(thisProcess(clock));
  try {
    makeDirectory(directory);
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (claim(path, content)) return heldLock(path, content, clock);
      const held = readLock(path);
      if (held === undefined) continue;
      if (isAlive(held, path, clock)) throw new LockedError(sentence(directory, held));
      if (!takeOver(path, content, clock)) await clock.sleep(20);
      else return heldLock(path, content, clock);
    }
  } catch (error) {
    if (error instanceof LockedError) throw error;
    throw diskError("The data directory cannot be used:", directory, error);
  }
  throw new LockedError(`Another process is starting on ${directory}; try again, or choose another --data-dir.`);
}

/** Not recursive in one go: where nothing can be made (in /proc), Node's own recursion never ends. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o750 });
  } catch (error) {
    if (isCode(error, "EEXIST")) return;
    if (!isCode(error, "ENOENT") || dirname(directory) === directory) throw error;
    makeDirectory(dirname(directory));
    mkdirSync(directory, { mode: 0o750 });
  }
}

const sentence = (directory: string, { pid, host, since }: Holder): string =>
  `Pilothouse already runs on ${directory} (process ${pid} on host ${host}, since ${since}); stop it or choose another --data-dir.`;

/** Linking a finished file is atomic and fails when the name is taken, so nobody ever reads half a lock. */
function claim(path: string, content: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o640 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two that find the same dead lock must not remove each other's new one: only who has the guard may remove. */
function takeOver(path: string, content: string, clock: Clock): boolean {
  const guard = `${path}.takeover`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    if (ageMs(guard, clock) > guardMs) rmSync(guard, { recursive: true, force: true });
    return false;
  }
  try {
    const held = readLock(path);
    if (held !== undefined && isAlive(held, path, clock)) return false;
    if (held !== undefined) unlinkSync(path);
    return claim(path, content);
  } finally {
    rmdirSync(guard);
  }
}

/** Undefined when there is none (any more). A lock that cannot be understood belongs to nobody who is alive. */
function readLock(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { pid: 0, host: hostname(), bootId: "", processStart: "", since: "" };
  }
}

function isAlive(held: Holder, path: string, clock: Clock): boolean {
  if (held.host !== hostname()) return ageMs(path, clock) < abandonedMs;
  if (held.bootId !== bootId()) return false;
  return processStart(held.pid) === held.processStart && isRunning(held.pid);
}

function isRunning(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

function heldLock(path: string, content: string, clock: Clock): DataDirLock {
  const timer = setInterval(() => touch(path, clock), touchMs);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      if (readIfThere(path) === content) rmSync(path, { force: true });
      return Promise.resolve();
    },
  };
}

function touch(path: string, clock: Clock): void {
  const now = clock.now() / 1000;
  try {
    utimesSync(path, now, now);
  } catch {
    // A full or vanished disk is noticed by whoever writes samples; the lock itself has nothing to add.
  }
}

const thisProcess = (clock: Clock): Holder => ({
  pid: process.pid,
  host: hostname(),
  bootId: bootId(),
  processStart: processStart(process.pid),
  since: new Date(clock.now()).toISOString(),
});

/** Empty where there is no /proc; then the pid alone has to do. */
const bootId = (): string => readIfThere("/proc/sys/kernel/random/boot_id").trim();

/** Field 22 of /proc/PID/stat; the name before it may contain spaces and brackets. */
function processStart(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** 0 for a file that was removed meanwhile: the next look will tell. */
const ageMs = (path: string, clock: Clock): number => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : clock.now() - stat.mtimeMs;
};

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
