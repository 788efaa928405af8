// Moving a guest to another node: a VM keeps running in a new process there, a container is stopped and started.
import { ApiError, parameterError } from "../api-error.ts";
import { type GuestType, isRunning, type SimGuest } from "../entities.ts";
import { flagOf, guestParameters, type ParameterSpec, textOf } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { storageNamed } from "../volume-measure.ts";
import { guestOf, nodeNamed } from "./lookup.ts";

const optional = (type: ParameterSpec["type"], more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  type,
  optional: true,
  ...more,
});

const parameters: Readonly<Record<GuestType, Readonly<Record<string, ParameterSpec>>>> = {
  qemu: {
    ...guestParameters,
    bwlimit: optional("integer", { minimum: 0 }),
    force: optional("boolean", { rootOnly: true }),
    migration_network: optional("string", { rootOnly: true }),
    migration_type: optional("string", { enum: ["secure", "insecure"], rootOnly: true }),
    online: optional("boolean"),
    target: { type: "string" },
    targetstorage: optional("string"),
    "with-conntrack-state": optional("boolean", { since: "9.1" }),
    "with-local-disks": optional("boolean"),
  },
  lxc: {
    ...guestParameters,
    bwlimit: optional("number", { minimum: 0 }),
    online: optional("boolean"),
    restart: optional("boolean"),
    target: { type: "string" },
    "target-storage": optional("string"),
    timeout: optional("integer"),
  },
};

export const migrationRoutes: readonly Route[] = (["qemu", "lxc"] as const).map(
  (type): Route => ({
    method: "POST",
    path: `/nodes/{node}/${type}/{vmid}/migrate`,
    parameters: parameters[type],
    permission: { path: "/vms/{vmid}", privileges: ["VM.Migrate"] },
    forwarded: true,
    answer: (call) => ({ data: begin(call, guestOf(call, type)) }),
  }),
);

const memoryBytesPerSecond = 2 ** 30;
const diskBytesPerSecond = 400 * 2 ** 20;
const restartS = 5;

function begin(call: Call, guest: SimGuest): string {
  const { state, token } = call;
  const target = nodeNamed(call, textOf(call.parameters, "target") ?? "").name;
  if (target === guest.node) throw parameterError({ target: "target is local node." });
  if (!state.quorate) throw new ApiError(500, "cluster not ready - no quorum?");
  refuseRunning(call, guest);
  const type = guest.type === "qemu" ? "qmigrate" : "vzmigrate";
  const durationS = Math.ceil(duration(call, guest));
  const task = state.tasks.start({ node: guest.node, type, id: String(guest.vmid), user: token.tokenId, durationS });
  const problem = obstacle(call, guest);
  if (problem === undefined) state.changeGuest(guest.vmid, { lock: "migrate" });
  state.timeline.schedule(task.endS, () => {
    const failed = problem ?? arrive(call, guest, target);
    task.exit = failed ?? "OK";
    task.lines = () => [
      { atS: task.startS, text: `starting migration of ${kind(guest)} ${guest.vmid} to node '${target}'` },
      { atS: task.endS, text: failed === undefined ? "TASK OK" : `TASK ERROR: ${failed}` },
    ];
  });
  return task.upid;
}

const kind = (guest: SimGuest): string => (guest.type === "qemu" ? "VM" : "CT");

function refuseRunning({ parameters: given }: Call, guest: SimGuest): void {
  if (!isRunning(guest)) return;
  if (guest.type === "qemu" && !flagOf(given, "online")) {
    throw new ApiError(500, "can't migrate running VM without --online");
  }
  if (guest.type === "lxc" && !flagOf(given, "restart")) {
    throw new ApiError(500, "can't migrate running container without --online or --restart");
  }
}

/** What the task stumbles over, before anything is moved. */
function obstacle({ state, parameters: given }: Call, guest: SimGuest): string | undefined {
  const lock = state.lockOf(guest);
  if (lock !== undefined) return `${kind(guest)} is locked (${lock})`;
  const local = storageNamed(state.storages, guest.storage)?.shared === false;
  if (local && guest.type === "qemu" && isRunning(guest) && !flagOf(given, "with-local-disks")) {
    return "can't live migrate attached local disks without with-local-disks option";
  }
  return undefined;
}

function duration({ state }: Call, guest: SimGuest): number {
  const local = storageNamed(state.storages, guest.storage)?.shared === false;
  const disk = local ? (guest.diskBytes * 0.5) / diskBytesPerSecond : 0;
  if (guest.type === "lxc") return restartS + disk;
  return 3 + disk + (isRunning(guest) ? guest.memoryBytes / memoryBytesPerSecond : 0);
}

function arrive({ state }: Call, guest: SimGuest, target: string): string | undefined {
  if (state.guests.get(guest.vmid) !== guest) return "guest is gone";
  state.changeGuest(guest.vmid, { lock: undefined });
  if (state.isDead(target) || !state.isOnline(target)) return `migration aborted: no route to node '${target}'`;
  state.migrateGuest(guest.vmid, target);
  return undefined;
}
