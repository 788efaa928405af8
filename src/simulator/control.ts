// /simulator/…: what was planted, and faults on demand. Without a token, from the same machine only.
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { describeError } from "../lib/errors.ts";
import { Fault } from "./fault-list.ts";
import type { Reply } from "./reply.ts";
import type { SimulatorState } from "./state.ts";
import { truthOf } from "./truth.ts";

const vmid = z.number().int().min(100).max(999_999_999);

/** What a test in another process does to a guest or a node at this moment; each is a method of the state. */
const Action = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("migrate"), vmid, target: z.string() }),
  z.strictObject({ do: z.literal("destroy"), vmid }),
  z.strictObject({ do: z.literal("restart"), vmid }),
  z.strictObject({ do: z.literal("start"), vmid }),
  z.strictObject({ do: z.literal("stop"), vmid }),
  z.strictObject({
    do: z.literal("create"),
    node: z.string(),
    vmid: vmid.optional(),
    type: z.enum(["qemu", "lxc"]).optional(),
    name: z.string().optional(),
    start: z.boolean().default(false),
  }),
  z.strictObject({ do: z.literal("upgrade"), node: z.string(), release: z.enum(["8.4", "9.1", "9.2"]) }),
  /** Moves the virtual clock. */
  z.strictObject({ do: z.literal("advance"), ms: z.number().nonnegative() }),
]);
type Action = z.infer<typeof Action>;

/** First clears (all, or these ids), then sets. */
const Change = z.strictObject({
  clear: z.union([z.literal(true), z.array(z.string())]).optional(),
  set: z.array(Fault).default([]),
});

export async function answerControl(state: SimulatorState, request: IncomingMessage, path: string): Promise<Reply> {
  if (!isLoopback(request.socket.remoteAddress)) return json(403, "Forbidden", { message: "loopback only" });
  const call = `${request.method ?? ""} ${path}`;
  if (call === "GET /simulator/truth") return json(200, "OK", truthOf(state));
  if (call === "GET /simulator/faults") return json(200, "OK", state.faults.list());
  if (call === "POST /simulator/faults") return changeFaults(state, request);
  if (call === "POST /simulator/actions") return act(state, request);
  if (call === "GET /simulator/requests") return json(200, "OK", state.requests.summary());
  if (call === "POST /simulator/requests/clear") {
    state.requests.clear();
    return json(200, "OK", state.requests.summary());
  }
  return json(404, "Not Found", { message: `there is no ${call}` });
}

async function changeFaults(state: SimulatorState, request: IncomingMessage): Promise<Reply> {
  try {
    const change = Change.parse(JSON.parse(await bodyOf(request)));
    if (change.clear === true) await state.faults.clear();
    else for (const id of change.clear ?? []) await state.faults.clear(id);
    for (const fault of change.set) await state.faults.set(fault);
    return json(200, "OK", state.faults.list());
  } catch (error) {
    return json(400, "Bad Request", { message: describeError(error) });
  }
}

async function act(state: SimulatorState, request: IncomingMessage): Promise<Reply> {
  try {
    return json(200, "OK", perform(state, Action.parse(JSON.parse(await bodyOf(request)))));
  } catch (error) {
    return json(400, "Bad Request", { message: describeError(error) });
  }
}

function perform(state: SimulatorState, action: Action): object {
  switch (action.do) {
    case "migrate":
      state.migrateGuest(action.vmid, action.target);
      break;
    case "destroy":
      state.destroyGuest(action.vmid);
      break;
    case "restart":
      state.restartGuest(action.vmid);
      break;
    case "start":
      state.startGuest(action.vmid);
      break;
    case "stop":
      state.stopGuest(action.vmid);
      break;
    case "create":
      return create(state, action);
    case "upgrade":
      state.upgradeNode(action.node, action.release);
      break;
    case "advance":
      state.timeline.skip(action.ms);
      state.catchUp();
  }
  return { now_s: state.nowS };
}

function create(state: SimulatorState, { node, vmid: wanted, type, name, start }: Extract<Action, { do: "create" }>) {
  const guest = state.createGuest({
    node,
    ...(wanted === undefined ? {} : { vmid: wanted }),
    ...(type === undefined ? {} : { type }),
    ...(name === undefined ? {} : { name }),
  });
  if (start) state.startGuest(guest.vmid);
  return { now_s: state.nowS, vmid: guest.vmid };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const json = (status: number, reason: string, value: unknown): Reply => ({
  status,
  reason,
  body: JSON.stringify(value),
});

const isLoopback = (address: string | undefined): boolean =>
  address === "::1" || /^(::ffff:)?127\./.test(address ?? "");
