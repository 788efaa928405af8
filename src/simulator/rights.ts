// Whether somebody may do something: their rights, and the fault that takes all away.
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
  const held = state.access.privileges(token, wish.path);
  const has = (name: string): boolean => held.has(name);
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
  if (last === undefined) throw new TypeError("a permission names a path");
  // PVE names all where one of them is enough, else the first that is missing.
  const missing = last.privileges.find((name) => !isAllowed(state, token, { path: last.path, privileges: [name] }));
  const wanted = last.any === true ? last.privileges.join("|") : (missing ?? "");
  throw new ApiError(403, `Permission check failed (${last.path}, ${wanted})`);
}
