// Real time, run through faster: a minute of back-off takes milliseconds, and everything still happens in its order.
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { t0 } from "./build.ts";

export const fastClock = (factor: number): Clock => {
  const begun = performance.now();
  const passed = (): number => (performance.now() - begun) * factor;
  return {
    now: () => t0 + passed(),
    monotonic: passed,
    sleep: async (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
};
