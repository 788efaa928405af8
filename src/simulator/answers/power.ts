// Starting and stopping guests: the answer is a UPID at once, the change comes when the task ends.
import { ApiError } from "../api-error.ts";
import { type GuestType, isRunning, type SimGuest } from "../entities.ts";
import { guestParameters, type ParameterSpec } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { guestOf } from "./lookup.ts";

type Action = "start" | "stop" | "shutdown";
type Specs = Readonly<Record<string, ParameterSpec>>;

const rootOnly = (type: ParameterSpec["type"]): ParameterSpec => ({ type, optional: true, rootOnly: true });
const optional = (type: ParameterSpec["type"], more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  type,
  optional: true,
  ...more,
});

const parameters: Readonly<Record<GuestType, Readonly<Record<Action, Specs>>>> = {
  qemu: {
    start: {
      ...guestParameters,
      "force-cpu": rootOnly("string"),
      machine: optional("string"),
      migratedfrom: rootOnly("string"),
      migration_network: rootOnly("string"),
      migration_type: { ...rootOnly("string"), enum: ["secure", "insecure"] },
      "nets-host-mtu": { type: "string", optional: true, rootOnly: true, since: "9.1" },
      skiplock: rootOnly("boolean"),
      stateuri: rootOnly("string"),
      targetstorage: rootOnly("string"),
      timeout: optional("integer", { minimum: 0 }),
      "with-conntrack-state": { type: "boolean", optional: true, rootOnly: true, since: "9.1" },
    },
    stop: {
      ...guestParameters,
      keepActive: rootOnly("boolean"),
      migratedfrom: rootOnly("string"),
      "overrule-shutdown": optional("boolean"),
      skiplock: rootOnly("boolean"),
      timeout: optional("integer", { minimum: 0 }),
    },
    shutdown: {
      ...guestParameters,
      forceStop: optional("boolean"),
      keepActive: rootOnly("boolean"),
      skiplock: rootOnly("boolean"),
      timeout: optional("integer", { minimum: 0 }),
    },
  },
  lxc: {
    start: { ...guestParameters, debug: optional("boolean"), skiplock: rootOnly("boolean") },
    stop: { ...guestParameters, "overrule-shutdown": optional("boolean"), skiplock: rootOnly("boolean") },
    shutdown: {
      ...guestParameters,
      forceStop: optional("boolean"),
      timeout: optional("integer", { minimum: 0 }),
    },
  },
};

/** Virtual seconds that a task takes. */
const durationS: Readonly<Record<GuestType, Readonly<Record<Action, number>>>> = {
  qemu: { start: 2, stop: 1, shutdown: 8 },
  lxc: { start: 2, stop: 1, shutdown: 6 },
};

const actions: readonly Action[] = ["start", "stop", "shutdown"];

export const powerRoutes: readonly Route[] = (["qemu", "lxc"] as const).flatMap((type) =>
  actions.map(
    (action): Route => ({
      method: "POST",
      path: `/nodes/{node}/${type}/{vmid}/status/${action}`,
      parameters: parameters[type][action],
      permission: { path: "/vms/{vmid}", privileges: ["VM.PowerMgmt"] },
      forwarded: true,
      answer: (call) => ({ data: begin(call, guestOf(call, type), action) }),
    }),
  ),
);

function begin({ state, token }: Call, guest: SimGuest, action: Action): string {
  if (!state.quorate) throw new ApiError(500, "cluster not ready - no quorum?");
  if (guest.type === "lxc") refuseContainer(guest, action);
  const task = state.tasks.start({
    node: guest.node,
    type: `${guest.type === "qemu" ? "qm" : "vz"}${action}`,
    id: String(guest.vmid),
    user: token.tokenId,
    durationS: durationS[guest.type][action],
  });
  state.timeline.schedule(task.endS, () => {
    const problem = state.guests.get(guest.vmid) === guest ? attempt(state, guest, action) : "guest is gone";
    task.exit = problem ?? "OK";
    const text = problem === undefined ? "TASK OK" : `TASK ERROR: ${problem}`;
    task.lines = () => [{ atS: task.endS, text }];
  });
  return task.upid;
}

/** Containers are looked at before the task is made. */
function refuseContainer(guest: SimGuest, action: Action): void {
  if (guest.template) throw new ApiError(500, "you can't start a CT if it's a template");
  if (action === "start" && isRunning(guest)) throw new ApiError(500, `CT ${guest.vmid} already running`);
  if (action !== "start" && !isRunning(guest)) throw new ApiError(500, `CT ${guest.vmid} not running`);
}

/** Does it, or says why not; VMs are looked at inside the task. */
function attempt(state: Call["state"], guest: SimGuest, action: Action): string | undefined {
  const lock = state.lockOf(guest);
  if (lock !== undefined) return `${guest.type === "qemu" ? "VM" : "CT"} is locked (${lock})`;
  if (action !== "start") {
    if (action === "shutdown" && !isRunning(guest)) return `VM ${guest.vmid} not running`;
    state.stopGuest(guest.vmid);
    return undefined;
  }
  if (guest.template) return "you can't start a vm if it's a template";
  if (isRunning(guest)) return `VM ${guest.vmid} already running`;
  state.startGuest(guest.vmid);
  return undefined;
}
