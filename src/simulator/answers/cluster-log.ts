// /cluster/log: what the nodes' daemons wrote last, here the begin and end of every task.
import { numberOf } from "../parameters.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import type { SimTask } from "../task.ts";

export const clusterLogRoute: Route = {
  method: "GET",
  path: "/cluster/log",
  parameters: { max: { type: "integer", optional: true, minimum: 1 } },
  permission: "all",
  forwarded: false,
  answer: (call) => ({ data: lines(call) }),
};

interface LogLine {
  readonly uid: number;
  readonly node: string;
  readonly time: number;
  readonly pri: number;
  readonly tag: string;
  readonly pid: number;
  readonly user: string;
  readonly msg: string;
}

/** Newest first; without Sys.Syslog only what the caller did. PVE gives 50 unless asked for more. */
function lines(call: Call): readonly LogLine[] {
  const { state, token, parameters } = call;
  const all = isAllowed(state, token, { path: "/", privileges: ["Sys.Syslog"] });
  return state.tasks
    .list()
    .filter((task) => all || task.user === token.tokenId)
    .flatMap((task) => taskLines(call, task))
    .sort((a, b) => b.time - a.time || b.uid - a.uid)
    .slice(0, numberOf(parameters, "max") ?? 50);
}

const info = 6;
const error = 3;

function taskLines({ state }: Call, task: SimTask): readonly LogLine[] {
  const common = { node: task.node, tag: "pvedaemon", pid: task.pid, user: task.user };
  const begin = { ...common, uid: task.startS * 2, time: task.startS, pri: info, msg: `starting task ${task.upid}` };
  if (state.tasks.isRunning(task)) return [begin];
  const exit = task.exit ?? "";
  const good = exit === "OK" || exit.startsWith("WARNINGS: ");
  const end = {
    ...common,
    uid: task.endS * 2 + 1,
    time: task.endS,
    pri: good ? info : error,
    msg: `end task ${task.upid} ${exit}`,
  };
  return [end, begin];
}
