import { expect, it, onTestFinished } from "vitest";
import { Housekeeping, type JobRun, type ScheduledJob } from "../../src/app/housekeeping.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { JobStatus } from "../../src/model/job.ts";

/** A job that ends when the test says so. */
function aJob(id: string, lane?: string) {
  const ends: ((result: string | Error) => void)[] = [];
  const job: ScheduledJob = {
    id,
    summary: `does ${id}`,
    schedule: "0 0 1 1 *",
    ...(lane === undefined ? {} : { lane }),
    run: () =>
      new Promise((resolve, reject) => {
        ends.push((result) => (typeof result === "string" ? resolve(result) : reject(result)));
      }),
  };
  return { job, ends };
}

function aHouse(jobs: readonly ScheduledJob[], before: readonly JobRun[] = []) {
  const status = new Map<string, JobStatus>();
  const runs: JobRun[] = [];
  const house = new Housekeeping({
    jobs,
    report: (job) => status.set(job.id, job),
    ended: (run) => {
      runs.push(run);
      return Promise.resolve();
    },
    before,
    clock: systemClock,
    log: silentLog,
  });
  onTestFinished(() => house.stop());
  return { house, status, runs };
}

it("runs a job on demand, never twice at once, and tells how it ended and when it is due again", async () => {
  const { job, ends } = aJob("kpis");
  const { house, status, runs } = aHouse([job]);

  expect(house.runNow("kpis")).toBe(true);
  expect(house.runNow("kpis")).toBe(true);
  expect(house.runNow("no-such-job")).toBe(false);
  await expect.poll(() => ends.length).toBe(1);
  expect(status.get("kpis")?.state).toBe("running");
  ends[0]?.("12 KPIs");

  await expect.poll(() => status.get("kpis")?.lastResult).toBe("12 KPIs");
  expect(runs[0]?.status.state).toBe("idle");
  expect(runs[0]?.nextDueAt).toBeGreaterThan(Date.now());
});

it("lets jobs of one lane wait for each other, also after one that failed", async () => {
  const [first, second, beside] = [aJob("first", "analysis"), aJob("second", "analysis"), aJob("beside")];
  const { house, status } = aHouse([first.job, second.job, beside.job]);
  for (const id of ["first", "second", "beside"]) house.runNow(id);

  await expect.poll(() => [first.ends.length, second.ends.length, beside.ends.length]).toEqual([1, 0, 1]);
  expect(status.get("second")?.state).toBe("waiting");
  first.ends[0]?.(new Error("The disk is full."));
  await expect.poll(() => second.ends.length).toBe(1);

  expect(status.get("first")).toMatchObject({ state: "failed", lastResult: "The disk is full." });
  second.ends[0]?.("done");
  beside.ends[0]?.("done");
});

it("shows the results of before a restart", () => {
  const { job } = aJob("kpis");
  const status: JobStatus = {
    id: "kpis",
    summary: "",
    schedule: null,
    state: "idle",
    lastStartedAt: 5,
    lastDurationMs: 7,
    lastResult: "12 KPIs",
    progress: null,
  };
  const { status: shown } = aHouse([job], [{ status, nextDueAt: null }]);

  expect(shown.get("kpis")).toMatchObject({ summary: "does kpis", lastStartedAt: 5, lastResult: "12 KPIs" });
});

it("does not say that a job waits when its lane is free", async () => {
  const { job, ends } = aJob("kpis", "analysis");
  const states: string[] = [];
  const house = new Housekeeping({
    jobs: [job],
    report: ({ state }) => states.push(state),
    clock: systemClock,
    log: silentLog,
  });
  onTestFinished(() => house.stop());
  for (const round of [1, 2]) {
    house.runNow("kpis");
    await expect.poll(() => ends.length).toBe(round);
    ends.at(-1)?.("done");
    await expect.poll(() => states.at(-1)).toBe("idle");
  }

  expect(states).not.toContain("waiting");
});

it("takes a run that its own end cuts short for one that never was, so that it is caught up later", async () => {
  const { job, ends } = aJob("forecasts");
  const { house, runs } = aHouse([job]);
  house.runNow("forecasts");
  await expect.poll(() => ends.length).toBe(1);

  const stopped = house.stop();
  ends[0]?.(new Error("Analysis is closed."));
  await stopped;

  expect(runs).toEqual([]);
});
