// What the store tells from its thread: problems that come and go, and lines for the log.
import type { RaisedProblem } from "../model/problem.ts";

export type StoreEvent =
  | { readonly event: "raise"; readonly problem: RaisedProblem }
  | { readonly event: "clear"; readonly code: string; readonly subject?: string }
  | { readonly event: "log"; readonly level: "warn" | "info"; readonly data: object; readonly message: string };

export type TellEvent = (event: StoreEvent) => void;

export const isStoreEvent = (message: unknown): message is StoreEvent =>
  typeof message === "object" && message !== null && "event" in message;

/** A problem of our own; its code comes again with `clear` when it is over. */
export const ownProblem = (
  code: string,
  severity: RaisedProblem["severity"],
  message: string,
  remedy: string,
): StoreEvent => ({ event: "raise", problem: { code, subject: "pilothouse", severity, message, remedy } });
