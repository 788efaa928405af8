// Finds what a path names, or refuses with PVE's words.
import { ApiError, missingGuest } from "../api-error.ts";
import type { GuestType, SimGuest, SimNode, SimStorage } from "../entities.ts";
import { storageStalls } from "../fault-effects.ts";
import { textOf } from "../parameters.ts";
import type { Call } from "../route.ts";

export function nodeNamed(call: Pick<Call, "state">, name: string): SimNode {
  const node = call.state.nodes.get(name);
  if (node !== undefined) return node;
  const text = `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`;
  throw new ApiError(500, text);
}

export const nodeOf = (call: Call): SimNode => nodeNamed(call, textOf(call.parameters, "node") ?? "");

/** A guest of the given type that lives on the node in the path. */
export function guestOf(call: Call, type: GuestType): SimGuest {
  const node = nodeOf(call).name;
  const vmid = Number(call.parameters["vmid"]);
  const guest = call.state.guests.get(vmid);
  if (guest === undefined || guest.type !== type || guest.node !== node) throw missingGuest(node, type, vmid);
  return guest;
}

/** A call that looks into a hung storage holds its worker until the proxy in front gives up. */
export async function refuseHanging(call: Call, storage: SimStorage): Promise<void> {
  if (!storageStalls(call.state, storage.id, nodeOf(call).name)) return;
  await call.sleep(call.proxyTimeoutMs);
  throw new ApiError(596, "Connection timed out");
}

export function storageOf(call: Call): SimStorage {
  const id = textOf(call.parameters, "storage") ?? "";
  const storage = call.state.storages.find((candidate) => candidate.id === id);
  if (storage === undefined) throw new ApiError(500, `storage '${id}' does not exist`);
  const node = textOf(call.parameters, "node");
  if (node !== undefined && storage.nodes !== undefined && !storage.nodes.includes(node)) {
    throw new ApiError(500, `storage '${id}' is not available on node '${node}'`);
  }
  return storage;
}
