// Lines of the cluster log. PVE shows a token without Sys.Syslog its own lines only, so without it this is left out.
import type { NewEvent } from "../../../model/event.ts";
import { nodeEntityId } from "../../../model/ids.ts";
import { clusterLog as askLog, type LogLine } from "../../../pve/index.ts";
import type { FactContext, FactReader } from "../fact-reader.ts";

/** PVE keeps a few hundred lines in memory. */
const mostLines = 500;

export const clusterLog: FactReader<"cluster"> = {
  name: "cluster_log",
  scope: "cluster",
  tells: [],
  needs: ["Sys.Syslog"],
  async read(context) {
    const { rows } = (await askLog(context.pve, mostLines, context.options)).data;
    // Task begin and end are events of their own.
    return {
      events: rows
        .filter(({ message }) => !/(?:starting|end) task UPID:/.test(message))
        .map((line) => eventOf(context, line)),
    };
  },
};

function eventOf({ cluster, fleet }: FactContext, line: LogLine): NewEvent {
  const vmid = /\b(?:VM|CT|vm|ct|container)[ :]+(\d{3,9})\b/.exec(line.message)?.[1];
  const guest = vmid === undefined ? undefined : fleet.guest(Number(vmid));
  return {
    eventKey: `log/${line.node}/${line.timeS}/${line.uid}`,
    at: line.timeS * 1000,
    endedAt: null,
    topic: "log",
    type: line.tag ?? "log",
    cluster,
    subject: guest?.id ?? nodeEntityId(cluster, line.node),
    node: line.node,
    user: line.user ?? null,
    state: stateOf(line.priority),
    text: line.message,
  };
}

/** Syslog's levels: up to 3 errors, 4 a warning. */
function stateOf(priority: number | undefined): NewEvent["state"] {
  if (priority === undefined) return "info";
  return priority <= 3 ? "failed" : priority === 4 ? "warning" : "info";
}
