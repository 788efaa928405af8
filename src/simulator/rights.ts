// Whether a token may do something: its own rights, those of the guest's pool, and the fault that takes all away.
import type { SimToken } from "./access-list.ts";
import { ApiError } from "./api-error.ts";
import type { Permission } from "./route.ts";
import type { SimulatorState } from "./state.ts";

export interface Wish {
  readonly path: string;
  readonly privileges: readonly string[];
  /** One of them is enough. */
  readonly any?: boolean;
}

export function isAllowed(state: SimulatorState, token: SimToken, wish: Wish): boolean {
  const lost = state.faults.all("permissions-lost");
  if (lost.some((fault) => fault.tokenId === undefined || fault.tokenId === token.tokenId)) return false;
  const own = state.access.privileges(token, wish.path);
  const pool = poolOf(state, wish.path);
  const ofPool = pool === undefined ? undefined : state.access.privileges(token, `/pool/${pool}`);
  const has = (name: string): boolean => own.has(name) || ofPool?.has(name) === true;
  return wish.any === true ? wish.privileges.some(has) : wish.privileges.every(has);
}

/** Throws PVE's 403 when the permission of a route is not met. */
export function requirePermission(
  state: SimulatorState,
  token: SimToken,
  permission: Permission,
  pathValues: ReadonlyMap<string, string>,
): void {
  if (permission === "all") return;
  const choices = ("or" in permission ? permission.or : [permission]).map((choice) => ({
    ...choice,
    path: choice.path.replace(/\{(\w+)\}/g, (_, name: string) => pathValues.get(name) ?? ""),
  }));
  if (choices.some((choice) => isAllowed(state, token, choice))) return;
  const last = choices.at(-1);
  const wanted = last?.privileges.join(last.any === true ? "|" : ", ");
  throw new ApiError(403, `Permission check failed (${last?.path}, ${wanted})`);
}

function poolOf(state: SimulatorState, path: string): string | undefined {
  const vmid = /^\/vms\/(\d+)$/.exec(path)?.[1];
  return vmid === undefined ? undefined : state.guests.get(Number(vmid))?.pool;
}
