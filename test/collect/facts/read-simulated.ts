// A fact runner on a simulated cluster: real HTTPS and parsing, the inventory of a real poller, the real book and rules;
// time passes when the test says so.
import { FactKeeper } from "../../../src/app/fact-keeper.ts";
import { FactRunner } from "../../../src/collect/facts/runner.ts";
import { type Clock, systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { FactBook } from "../../../src/live/fact-book.ts";
import { type Batch, type Row, rowsOf } from "../../../src/model/batch.ts";
import type { CollectorEvent } from "../../../src/model/collector.ts";
import type { FactRead, FactReading } from "../../../src/model/facts.ts";
import { defaultFactSettings } from "../../../src/model/facts-paces.ts";
import { openState } from "../../../src/store/state/index.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { type PollerSetup, pollSimulated } from "../simulated-poller.ts";

export interface FactSetup extends PollerSetup {
  readonly agent?: boolean;
  readonly reads?: readonly FactRead[];
  readonly requestsPerSecond?: number;
}

/** First readings are spread over two minutes. */
export const spreadMs = 130_000;

export async function readSimulated(setup: FactSetup = {}) {
  const polled = await pollSimulated(setup);
  await polled.first();
  const { simulator, fleet } = polled;
  const clock: Clock = {
    now: () => simulator.now(),
    monotonic: () => simulator.now() + performance.now(),
    // The look for what is due comes round quickly; pauses between requests are real.
    sleep: (ms, signal) => systemClock.sleep(ms === 1_000 ? 20 : ms, signal),
  };
  const state = await openState({ path: `${temporaryDirectory()}/state.db`, clock });
  const book = new FactBook();
  const keeper = new FactKeeper({ state, book, fleet, problems: fleet.problemList, clock, log: silentLog });
  const readings: FactReading[] = [];
  const batches: Batch[] = [];
  const jobs: string[] = [];
  const event = (happened: CollectorEvent): void => {
    if (happened.type === "facts") readings.push(...happened.readings);
    if (happened.type === "job") jobs.push(happened.job.lastResult ?? "");
    if (happened.type === "tasks") fleet.applyEvent(happened);
    keeper.take(happened);
  };
  const runner = new FactRunner({
    cluster: "sim",
    pve: polled.pve,
    clock,
    log: silentLog,
    settings: { ...defaultFactSettings, requestsPerSecond: setup.requestsPerSecond ?? 2_000 },
    agent: setup.agent ?? false,
    known: setup.known ?? [],
    reads: setup.reads ?? [],
    newBatchId: () => `f${batches.length}`,
    append: async (batch) => {
      batches.push(batch);
    },
    event,
  });
  let told = 0;
  /** Hands the poller's news over, as the worker does. */
  const tell = (): void => {
    for (; told < polled.events.length; told++) {
      const happened = polled.events[told];
      if (happened === undefined) continue;
      runner.take(happened);
      keeper.take(happened);
    }
  };
  tell();
  const stopping = new AbortController();
  const running = runner.run(stopping.signal);
  const settled = async (): Promise<void> => {
    for (let quiet = 0, count = readings.length; quiet < 15; quiet++) {
      await systemClock.sleep(20);
      if (readings.length !== count || runner.pending > 0) quiet = 0;
      count = readings.length;
    }
  };
  return {
    ...polled,
    readings,
    jobs,
    book,
    state,
    keeper,
    tell,
    factRows: (): Row[] => batches.flatMap((batch) => [...rowsOf(batch)]),
    /** Lets time pass and waits until what fell due was read. */
    pass: async (ms: number): Promise<void> => {
      // A question under way would seem to take as long as the jump, and be given up.
      await settled();
      simulator.advance(ms);
      await settled();
      await keeper.flush();
    },
    stop: async (andSimulator = true): Promise<void> => {
      stopping.abort();
      await running;
      await keeper.close();
      await state.close();
      await polled.stop(andSimulator);
    },
  };
}
