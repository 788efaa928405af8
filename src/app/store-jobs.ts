// The store's own work, on its schedule.
import type { Clock } from "../lib/clock.ts";
import type { StoreControl } from "../store/index.ts";
import type { ScheduledJob } from "./housekeeping.ts";

export const storeJobs = ({ jobs }: Pick<StoreControl, "jobs">, clock: Clock): readonly ScheduledJob[] => [
  {
    id: "rollup",
    summary: "Makes 5-minute and hourly points of the samples",
    // Two minutes after a window has closed, so that late samples are in.
    schedule: "2-59/5 * * * *",
    run: () => jobs.rollup(clock.now()),
  },
  {
    id: "checkpoint",
    summary: "Completes the database file and trims the journal",
    // It writes the unfinished end of every table anew: measured at 100 guests, four an hour were half of all writing.
    schedule: "9 * * * *",
    run: () => jobs.checkpoint(),
  },
  {
    id: "tidy",
    summary: "Sorts what is over by series, and moves old days into Parquet files",
    // After the hour's checkpoint, and when the hour's late samples are in.
    schedule: "12 * * * *",
    run: () => jobs.tidy(clock.now()),
  },
  {
    id: "retention",
    summary: "Removes what is older than it is kept",
    schedule: "17 3 * * *",
    run: () => jobs.retention(clock.now()),
  },
];
