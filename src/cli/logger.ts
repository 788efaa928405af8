// The service's log: JSON lines for machines, one readable line each on a terminal. It goes to stderr.
import { type DestinationStream, pino } from "pino";
import type { LogLevel } from "../config/settings.ts";
import type { Log } from "../lib/log.ts";
import type { RecentLines } from "./recent-lines.ts";

interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** Every line also goes to `recent`. */
export function createLog(
  level: LogLevel,
  stream: NodeJS.WriteStream,
  style: (text: string) => string,
  recent: RecentLines,
): Log {
  const shown = stream.isTTY
    ? (json: string) => `${readable(JSON.parse(json) as Line, style)}\n`
    : (json: string) => json;
  const destination: DestinationStream = {
    write: (json) => {
      recent.add(json);
      stream.write(shown(json));
    },
  };
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // The stack says nothing to who runs the service; the chain of messages does.
      serializers: { err: describe },
    },
    destination,
  );
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
  };
}

/** `12:03:04 warn  message  cluster=demo node=pve1: reason` */
function readable({ level, time, msg, err, ...data }: Line, style: (text: string) => string): string {
  const details = Object.entries(data).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const reason = (err as { message?: string } | undefined)?.message;
  const text = [`${level.padEnd(5)} ${msg}`, ...details].join("  ");
  return `${style(time.slice(11, 19))} ${text}${reason === undefined ? "" : `: ${reason}`}`;
}
