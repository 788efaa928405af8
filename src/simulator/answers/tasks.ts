// Task lists, status and logs.
import type { SimToken } from "../access-list.ts";
import { ApiError, parameterError } from "../api-error.ts";
import { flagOf, nodeParameter, numberOf, type ParameterSpec, textOf } from "../parameters.ts";
import { isAllowed } from "../rights.ts";
import type { Answer, Call, Route } from "../route.ts";
import type { SimTask } from "../task.ts";
import { isUpid } from "../upid.ts";
import { nodeOf } from "./lookup.ts";

const optional = (type: ParameterSpec["type"], more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  type,
  optional: true,
  ...more,
});

export const taskRoutes: readonly Route[] = [
  { method: "GET", path: "/cluster/tasks", parameters: {}, permission: "all", forwarded: false, answer: recent },
  {
    method: "GET",
    path: "/nodes/{node}/tasks",
    parameters: {
      ...nodeParameter,
      errors: optional("boolean"),
      limit: optional("integer", { minimum: 0 }),
      since: optional("integer"),
      source: optional("string", { enum: ["archive", "active", "all"] }),
      start: optional("integer", { minimum: 0 }),
      statusfilter: optional("string"),
      typefilter: optional("string"),
      until: optional("integer"),
      userfilter: optional("string"),
      vmid: optional("integer", { minimum: 100, maximum: 999_999_999 }),
    },
    permission: "all",
    forwarded: true,
    answer: list,
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/status",
    parameters: { ...nodeParameter, upid: { type: "string" } },
    permission: "all",
    forwarded: true,
    answer: status,
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/log",
    parameters: {
      ...nodeParameter,
      upid: { type: "string" },
      download: optional("boolean"),
      limit: optional("integer", { minimum: 0 }),
      start: optional("integer", { minimum: 0 }),
    },
    permission: "all",
    forwarded: true,
    answer: log,
  },
];

/** PVE shows at most so many in /cluster/tasks: the running ones, then the newest finished ones. */
const recentLimit = 25;

function recent({ state, token }: Call): Answer {
  const all = state.tasks.list().filter((task) => {
    return mayRead(token, task) || isAllowed(state, token, { path: "/", privileges: ["Sys.Audit"] });
  });
  const running = all.filter((task) => state.tasks.isRunning(task));
  const finished = all.filter((task) => !state.tasks.isRunning(task)).sort((a, b) => b.endS - a.endS);
  const shown = [...running, ...finished.slice(0, Math.max(0, recentLimit - running.length))];
  return { data: shown.map((task) => ({ ...identity(task), ...ending(state.tasks.isRunning(task), task) })) };
}

function list(call: Call): Answer {
  const { state, token, parameters } = call;
  const node = nodeOf(call).name;
  const source = textOf(parameters, "source") ?? "archive";
  const seesAll = isAllowed(state, token, { path: `/nodes/${node}`, privileges: ["Sys.Audit"] });
  const matching = state.tasks
    .list(node)
    .filter((task) => seesAll || mayRead(token, task))
    .filter((task) => source === "all" || state.tasks.isRunning(task) === (source === "active"))
    .filter((task) => passes(call, task));
  const start = numberOf(parameters, "start") ?? 0;
  const limit = numberOf(parameters, "limit") ?? 50;
  const shown = matching.slice(start, limit === 0 ? undefined : start + limit);
  const rows = shown.map((task) => {
    const running = state.tasks.isRunning(task);
    return { ...identity(task), ...(running ? { status: "RUNNING" } : ending(false, task)) };
  });
  return { data: rows, total: matching.length };
}

function passes({ state, parameters }: Call, task: SimTask): boolean {
  const since = numberOf(parameters, "since");
  const until = numberOf(parameters, "until");
  const type = textOf(parameters, "typefilter");
  const user = textOf(parameters, "userfilter");
  const vmid = numberOf(parameters, "vmid");
  const kind = state.tasks.isRunning(task) ? "running" : statusType(task.exit ?? "");
  const kinds = textOf(parameters, "statusfilter")?.split(/[,;\s]+/);
  if (since !== undefined && task.startS < since) return false;
  if (until !== undefined && task.startS > until) return false;
  if (type !== undefined && task.type !== type) return false;
  if (user !== undefined && !task.user.includes(user)) return false;
  if (vmid !== undefined && task.id !== String(vmid)) return false;
  if (flagOf(parameters, "errors") && kind !== "error") return false;
  return kinds === undefined || kinds.includes(kind);
}

const statusType = (exit: string): "ok" | "warning" | "error" => {
  if (exit === "OK") return "ok";
  return exit.startsWith("WARNINGS: ") ? "warning" : "error";
};

function status(call: Call): Answer {
  const task = taskOf(call);
  const running = call.state.tasks.isRunning(task);
  const outcome = running ? { status: "running" } : { status: "stopped", exitstatus: task.exit };
  return { data: { ...identity(task), ...outcome } };
}

function log(call: Call): Answer {
  const task = taskOf(call);
  const { state, parameters } = call;
  const start = numberOf(parameters, "start") ?? 0;
  const limit = numberOf(parameters, "limit") ?? 50;
  const lines = task
    .lines()
    .filter((line) => line.atS <= state.nowS)
    .map((line) => line.text);
  const shown = lines.slice(start, limit === 0 ? undefined : start + limit);
  const numbered = shown.map((t, index) => ({ n: start + index + 1, t }));
  return { data: numbered.length > 0 ? numbered : [{ n: 1, t: "no content" }], total: Math.max(1, lines.length) };
}

/** The task of the path, when the token started it or may audit its node. */
function taskOf(call: Call): SimTask {
  const { state, token, parameters } = call;
  const node = nodeOf(call).name;
  const upid = textOf(parameters, "upid") ?? "";
  if (!isUpid(upid)) throw parameterError({ upid: `unable to parse worker upid '${upid}'` });
  const task = state.tasks.find(upid);
  if (task?.node !== node) throw parameterError({ upid: "no such task" });
  if (mayRead(token, task) || isAllowed(state, token, { path: `/nodes/${node}`, privileges: ["Sys.Audit"] }))
    return task;
  throw new ApiError(403, `Permission check failed (/nodes/${node}, Sys.Audit)`);
}

const mayRead = (token: SimToken, task: SimTask): boolean => task.user === token.tokenId;

/** PVE takes a token's name off the user and shows it apart. */
function identity(task: SimTask): object {
  const [user = "", tokenid] = task.user.split("!");
  return {
    upid: task.upid,
    node: task.node,
    pid: task.pid,
    pstart: task.pstart,
    starttime: task.startS,
    type: task.type,
    id: task.id,
    user,
    ...(tokenid === undefined ? {} : { tokenid }),
  };
}

const ending = (running: boolean, task: SimTask): object => (running ? {} : { endtime: task.endS, status: task.exit });
