// A state database in a folder of its own, and a clock that a test sets.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Clock } from "../../../src/lib/clock.ts";
import { openState, type State, type StateOptions } from "../../../src/store/state/index.ts";

export interface SetClock extends Clock {
  advance(ms: number): void;
}

export function setClock(start = Date.UTC(2026, 0, 5, 12)): SetClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now - start,
    sleep: () => Promise.resolve(),
    advance: (ms) => {
      now += ms;
    },
  };
}

/** The value, where a test knows that there is one. */
export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected a value");
  return value;
}

const undo: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pilothouse-state-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function aState(options: Partial<StateOptions> = {}): Promise<OpenedState> {
  const path = options.path ?? join(aFolder(), "state.db");
  const clock = (options.clock as SetClock | undefined) ?? setClock();
  const state = await openState({ ...options, path, clock });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await state.close();
    open = false;
  };
  undo.push(close);
  return { ...state, close, path, clock };
}

interface OpenedState extends Omit<State, "close"> {
  readonly path: string;
  readonly clock: SetClock;
  readonly close: () => Promise<void>;
}
