// Watches every series for what is unusual, row by row, and keeps a list of what was.
import { findingOf } from "../anomaly-watch/anomaly-findings.ts";
import { AnomalyWatch } from "../anomaly-watch/anomaly-watch.ts";
import { defineJob, type Job } from "../job.ts";

/** The watch is kept between runs: what it has learned of ten thousand series would take minutes to read again. */
export const anomaliesWith = (watch: AnomalyWatch): Job =>
  defineJob({
    id: "anomalies",
    summary: "Judges the newest rows of every series, and learns a slice of those it does not know yet",
    schedule: "3-58/5 * * * *",
    timeLimitMs: 240_000,
    async run(context) {
      const { judged, watched, waiting, open, documents } = await watch.run(context);
      const told = open.filter(({ record }) => record.cause === null);
      const still = waiting > 0 ? `, ${waiting} series still to learn` : "";
      return {
        summary: `${judged} rows of ${watched} series, ${told.length} unusual, ${open.length - told.length} muted${still}`,
        findings: told.map(findingOf),
        documents,
      };
    },
  });

export const anomalies = anomaliesWith(new AnomalyWatch());
