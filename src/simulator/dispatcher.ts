// One request from its first line to its answer, in the order in which pveproxy looks at things: faults, the token,
// the path, the permission, the node it is for, the parameters.
import type { IncomingMessage, ServerResponse } from "node:http";
import { nobody, type SimToken } from "./access-list.ts";
import { ApiError } from "./api-error.ts";
import { answerControl } from "./control.ts";
import type { SimNode } from "./entities.ts";
import type { FaultTarget } from "./fault-list.ts";
import { checkParameters } from "./parameters.ts";
import { knows, releaseOf } from "./releases.ts";
import { type Reply, sendReply } from "./reply.ts";
import { readParameters } from "./request-body.ts";
import { requirePermission } from "./rights.ts";
import type { Answer, Call } from "./route.ts";
import { findRoute } from "./route-table.ts";
import type { SimulatorState } from "./state.ts";

const prefix = "/api2/json";

export interface DispatchOptions {
  readonly state: SimulatorState;
  readonly certificate: Call["certificate"];
  readonly sleep: (ms: number) => Promise<void>;
  /** PVE answers a refused token this much later, against guessing. */
  readonly unauthorizedDelayMs: number;
  /** How long pveproxy waits for another node that does not answer. */
  readonly proxyTimeoutMs: number;
  readonly fanOutTimeoutMs: number;
  readonly agentTimeoutMs: number;
}

/** The handler of all listeners; `called` is the node whose listener got the request. */
export async function dispatch(
  options: DispatchOptions,
  called: SimNode,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { state } = options;
  state.catchUp();
  const url = new URL(request.url ?? "/", "https://simulator.invalid");
  const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
  const target: FaultTarget = { method: request.method ?? "GET", path, node: called.name };
  if (path.startsWith("/simulator/")) {
    await sendReply(request, response, await answerControl(state, request, path), state.faults, target);
    return;
  }
  state.requests.add({ ...target, query: url.search, at: Math.round(state.nowS * 1000) });
  // Until the answer is out, or until the client went away.
  response.once("close", countRequest(state, called, target));
  const delay = state.faults.strike("delay", target);
  if (delay !== undefined) await options.sleep(delay.ms);
  const reply = await answerOrRefuse(options, called, request, url, target);
  if (reply.status === 401) await options.sleep(options.unauthorizedDelayMs);
  await sendReply(request, response, reply, state.faults, target);
}

/** A forwarded call names the node that does the work in its path. */
function countRequest(state: SimulatorState, called: SimNode, { method, path }: FaultTarget): () => void {
  const found = findRoute(method, path);
  const named = found?.route.forwarded === true ? found.values.get("node") : undefined;
  const worker = named !== undefined && state.nodes.has(named) ? named : called.name;
  return state.requests.begin(called.name, worker, found === undefined ? "unknown" : `${method} ${found.route.path}`);
}

async function answerOrRefuse(
  options: DispatchOptions,
  called: SimNode,
  request: IncomingMessage,
  url: URL,
  target: FaultTarget,
): Promise<Reply> {
  try {
    const planted = options.state.faults.strike("status", target);
    if (planted !== undefined) throw new ApiError(planted.status, planted.text);
    if (!url.pathname.startsWith(`${prefix}/`)) return page(url.pathname);
    const answer = await answerApi(options, called, request, url, target);
    const body = "json" in answer ? `{"data":${answer.json}}` : JSON.stringify(answer);
    return { status: 200, reason: "OK", body };
  } catch (error) {
    return refusal(called, error instanceof ApiError ? error : new ApiError(500, String(error)));
  }
}

async function answerApi(
  options: DispatchOptions,
  called: SimNode,
  request: IncomingMessage,
  url: URL,
  target: FaultTarget,
): Promise<Answer> {
  const { state } = options;
  const given = await readParameters(request, url.searchParams);
  const found = findRoute(target.method, target.path);
  const token = authenticated(state, request, found?.route.world === true);
  // The called node looks the path up before it forwards, so both must know it.
  const answering = found?.route.forwarded === true ? state.nodes.get(found.values.get("node") ?? "") : undefined;
  const release = releaseOf(answering ?? called);
  if (found === undefined || !knows(found.route.since, releaseOf(called)) || !knows(found.route.since, release)) {
    throw new ApiError(501, `Method '${target.method} ${target.path}' not implemented`);
  }
  const { route, values } = found;
  requirePermission(state, token, route.permissionIn?.[release] ?? route.permission, values);
  if (route.forwarded) await forward(options, called, values.get("node") ?? called.name);
  for (const [name, value] of values) given.set(name, value);
  const parameters = checkParameters(route.parameters, given, release, token.tokenId === "root@pam");
  const { certificate, fanOutTimeoutMs, proxyTimeoutMs, agentTimeoutMs } = options;
  // By now the wait of a fault or a forward may be over; answers are of this moment.
  state.catchUp();
  return route.answer({
    state,
    called,
    release,
    token,
    parameters,
    certificate,
    fanOutTimeoutMs,
    proxyTimeoutMs,
    agentTimeoutMs,
    sleep: options.sleep,
  });
}

function authenticated(state: SimulatorState, request: IncomingMessage, isOpen: boolean): SimToken {
  // Who signs in proves it in the body.
  if (isOpen) return nobody;
  const token = state.access.authenticate(request.headers, request.method ?? "GET", state.nowS);
  if (typeof token === "string") throw new ApiError(401, token);
  return token;
}

/** What AnyEvent says where the hop between two nodes fails. */
const hopFailures = {
  595: "No route to host",
  596: "Connection timed out",
  599: "Unexpected end-of-stream",
} as const;

/** pveproxy hands the call to the other node; these are the ways in which that fails. */
async function forward(options: DispatchOptions, called: SimNode, node: string): Promise<void> {
  const { state } = options;
  if (node === called.name || node === "localhost") return;
  const broken = state.faults.all("forward").find((fault) => fault.node === node);
  if (broken !== undefined) throw new ApiError(broken.status, broken.text ?? hopFailures[broken.status]);
  const gone = [...state.faults.all("dead-node"), ...state.faults.all("dead-proxy")].find(
    (fault) => fault.node === node,
  );
  if (gone?.mode === "refuse") throw new ApiError(595, "Connection refused");
  if (gone?.mode === "hang") {
    await options.sleep(options.proxyTimeoutMs);
    throw new ApiError(596, "Connection timed out");
  }
}

/** Since 9 the text is also in the body; errors of single parameters are in both. */
function refusal(called: SimNode, error: ApiError): Reply {
  const message = releaseOf(called) === "8.4" ? {} : { message: `${error.message}\n` };
  const errors = error.errors === undefined ? {} : { errors: error.errors };
  const body = JSON.stringify({ data: null, ...errors, ...message });
  return { status: error.status, reason: error.message, body };
}

/** PVE's own web page lives at the root; a link into it gets something. */
function page(path: string): Reply {
  if (path !== "/") return { status: 404, reason: `no such file '${path}'`, body: "", type: "text/html" };
  const body = "<!DOCTYPE html><title>Simulated Proxmox VE</title><p>This node is simulated: it has only the API.</p>";
  return { status: 200, reason: "OK", body, type: "text/html" };
}
