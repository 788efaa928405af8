// A logger whose lines are written by the main thread: one place decides on level, form and destination.
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { CollectorMessage, LogLevel } from "./messages.ts";

export function portLog(send: (message: CollectorMessage) => void, bindings: Record<string, unknown> = {}): Log {
  const write = (level: LogLevel) => (data: object, message: string) => {
    send({ type: "log", level, data: { ...bindings, ...plain(data) }, message });
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    child: (more) => portLog(send, { ...bindings, ...more }),
  };
}

/** Errors do not keep their class between threads; what they say goes over. */
function plain(data: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      value instanceof Error ? { type: value.name, message: describeError(value) } : (value as unknown),
    ]),
  );
}
