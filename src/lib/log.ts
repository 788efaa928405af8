// The one shape of a logger that parts are handed. pino fulfils it; the middle never imports pino.

export interface Log {
  error(data: object, message: string): void;
  warn(data: object, message: string): void;
  info(data: object, message: string): void;
  debug(data: object, message: string): void;
  child(bindings: Record<string, unknown>): Log;
}

/** Says nothing; for tests and tools. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLog,
};
