// The node's own archive of tasks: the cluster's list has 25 tasks at most, and a busy hour has more.
import { nodeTasks } from "../../../pve/index.ts";
import { toTask } from "../../task-rows.ts";
import type { FactReader } from "../fact-reader.ts";

const firstLookBackMs = 7 * 24 * 3_600_000;
/** PVE selects by the begin of a task: one that ran for hours ends long after it began. */
const overlapMs = 6 * 3_600_000;
const pageRows = 500;
const mostPages = 10;

export const tasks: FactReader<"node"> = {
  name: "tasks",
  scope: "node",
  tells: [],
  needs: ["Sys.Audit"],
  async read({ cluster, pve, options, lastAt, now, fleet }, node) {
    const sinceS = ((lastAt ?? now - firstLookBackMs) - overlapMs) / 1000;
    const found = [];
    for (let page = 0; page < mostPages; page++) {
      const query = { source: "archive", sinceS, limit: pageRows, start: page * pageRows } as const;
      const { rows } = (await nodeTasks(pve, node.name, query, options)).data;
      found.push(...rows);
      if (rows.length < pageRows) break;
    }
    return { tasks: found.map((row) => toTask(cluster, row, (vmid) => fleet.guest(vmid)?.id)) };
  },
};
