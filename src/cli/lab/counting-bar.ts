// The progress of a command that works through a known number of things.
import type { ProcessEdge } from "../command.ts";

export interface CountingBar {
  readonly set: (done: number) => void;
  readonly stop: () => void;
}

/** Drawn on stderr; off a terminal a line is written every few seconds. */
export async function countingBar(what: string, total: number, { stderr }: ProcessEdge): Promise<CountingBar> {
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    format: `${what} {bar} {percentage} % {value} of {total} · {eta_formatted} left`,
    stream: stderr,
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
    barsize: 30,
    linewrap: false,
  });
  bar.start(total, 0);
  return { set: (done) => bar.update(done), stop: () => bar.stop() };
}
