// What facts and the last days say of coming failures: disks, ZFS, I/O pressure, nodes.
import { defineJob } from "../job.ts";
import { runRules } from "../risk/run-rules.ts";

export const risks = defineJob({
  id: "risks",
  summary: "Looks for disks, pools and nodes that are about to fail",
  schedule: "23 * * * *",
  timeLimitMs: 300_000,
  run: (context) => runRules(context, "hourly"),
});
