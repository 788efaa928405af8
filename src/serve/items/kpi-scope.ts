// Who sees what analysis sums up: a whole cluster those who see it, a pool or tag also those who see nothing else.
import type { ScopedFleet } from "../scoped-fleet.ts";

export interface SummedScope {
  readonly type: "cluster" | "pool" | "tag";
  readonly key: string;
}

export function seesScope(fleet: ScopedFleet, cluster: string, { type, key }: SummedScope): boolean {
  if (type === "pool") return fleet.sees({ cluster, pool: key });
  return fleet.sees(type === "tag" ? { cluster, tags: [key] } : { cluster });
}
