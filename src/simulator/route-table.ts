// Every call that the simulator answers. A path that is not here gets 501, as from PVE.

import { agentRoutes } from "./answers/agent.ts";
import { backupRoutes } from "./answers/backups.ts";
import { cephRoutes } from "./answers/ceph.ts";
import { clusterRoutes } from "./answers/cluster.ts";
import { clusterLogRoute } from "./answers/cluster-log.ts";
import { diskRoutes } from "./answers/disks.ts";
import { exportRoute } from "./answers/export.ts";
import { guestRoutes } from "./answers/guests.ts";
import { haRoutes } from "./answers/ha.ts";
import { migrationRoutes } from "./answers/migration.ts";
import { nodeFactRoutes } from "./answers/node-facts.ts";
import { nodeRoutes } from "./answers/nodes.ts";
import { poolRoutes } from "./answers/pools.ts";
import { powerRoutes } from "./answers/power.ts";
import { replicationRoutes } from "./answers/replication.ts";
import { rrdRoutes } from "./answers/rrddata.ts";
import { storageRoutes } from "./answers/storages.ts";
import { taskRoutes } from "./answers/tasks.ts";
import { ticketRoutes } from "./answers/ticket.ts";
import type { Route } from "./route.ts";

export const routes: readonly Route[] = [
  ...clusterRoutes,
  exportRoute,
  clusterLogRoute,
  ...haRoutes,
  ...nodeRoutes,
  ...nodeFactRoutes,
  ...diskRoutes,
  ...cephRoutes,
  ...backupRoutes,
  ...replicationRoutes,
  ...guestRoutes,
  ...agentRoutes,
  ...powerRoutes,
  ...migrationRoutes,
  ...rrdRoutes,
  ...storageRoutes,
  ...taskRoutes,
  ...poolRoutes,
  ...ticketRoutes,
];

export interface RouteMatch {
  readonly route: Route;
  readonly values: ReadonlyMap<string, string>;
}

const compiled = routes.map((route) => ({ route, parts: route.path.split("/") }));

export function findRoute(method: string, path: string): RouteMatch | undefined {
  const parts = path.split("/");
  for (const candidate of compiled) {
    if (candidate.route.method !== method || candidate.parts.length !== parts.length) continue;
    const values = match(candidate.parts, parts);
    if (values !== undefined) return { route: candidate.route, values };
  }
  return undefined;
}

function match(pattern: readonly string[], parts: readonly string[]): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (expected.startsWith("{")) {
      if (part === "") return undefined;
      values.set(expected.slice(1, -1), decode(part));
    } else if (expected !== part) return undefined;
  }
  return values;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
