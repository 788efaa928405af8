// What weeks of series say of coming failures: storages that fill, memory that leaks, SSDs that wear out. Four times a day,
// because a leak is to be found within days.
import { defineJob } from "../job.ts";
import { runRules } from "../risk/run-rules.ts";

export const riskTrends = defineJob({
  id: "risk-trends",
  summary: "Looks for storages that fill, memory that leaks and SSDs that wear out",
  schedule: "37 */6 * * *",
  timeLimitMs: 1_800_000,
  run: (context) => runRules(context, "trends"),
});
