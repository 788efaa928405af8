// /version, /access and /cluster: the calls that are about the cluster as a whole.

import { textOf } from "../parameters.ts";
import { nodeValue } from "../pvestatd.ts";
import { releases } from "../releases.ts";
import { isAllowed } from "../rights.ts";
import type { Answer, Call, Route } from "../route.ts";
import { resourceRows } from "./resources.ts";

export const clusterRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/version",
    parameters: {},
    permission: "all",
    forwarded: false,
    answer: ({ release }) => ({ data: releases[release].version }),
  },
  {
    method: "GET",
    path: "/access/permissions",
    parameters: { path: { type: "string", optional: true }, userid: { type: "string", optional: true } },
    permission: "all",
    forwarded: false,
    answer: permissions,
  },
  {
    method: "GET",
    path: "/cluster/status",
    parameters: {},
    permission: { path: "/", privileges: ["Sys.Audit"] },
    forwarded: false,
    answer: ({ state, called }) => ({ data: [clusterRow(state), ...memberRows(state, called.name)] }),
  },
  {
    method: "GET",
    path: "/cluster/resources",
    parameters: { type: { type: "string", optional: true, enum: ["vm", "storage", "node", "sdn"] } },
    permission: "all",
    forwarded: false,
    answer: (call) => ({ data: resourceRows(call, textOf(call.parameters, "type")) }),
  },
  {
    method: "GET",
    path: "/nodes",
    parameters: {},
    permission: "all",
    forwarded: false,
    answer: nodes,
  },
];

function permissions({ state, token, parameters }: Call): Answer {
  const lost = !isAllowed(state, token, { path: "/", privileges: [] });
  return { data: lost ? {} : state.access.dump(token, textOf(parameters, "path")) };
}

type State = Call["state"];

const clusterRow = (state: State): object => ({
  type: "cluster",
  id: "cluster",
  name: state.clusterName,
  version: state.nodes.size,
  nodes: state.nodes.size,
  quorate: state.quorate ? 1 : 0,
});

const memberRows = (state: State, called: string): readonly object[] =>
  [...state.nodes.values()].map((node) => ({
    type: "node",
    id: `node/${node.name}`,
    name: node.name,
    nodeid: node.nodeId,
    ip: node.ip,
    level: "c",
    local: node.name === called ? 1 : 0,
    online: state.isOnline(node.name) ? 1 : 0,
  }));

/** Live for the called node's view of the cluster, from what each pvestatd last told. */
function nodes({ state, token, certificate }: Call): Answer {
  const rows = [...state.nodes.values()].map((node) => {
    const fixed = {
      id: `node/${node.name}`,
      node: node.name,
      type: "node",
      level: "c",
      ssl_fingerprint: certificate.fingerprint,
    };
    const newest = state.pvestatd.newest(node.name);
    if (!state.isOnline(node.name) || newest === undefined) return { ...fixed, status: "offline" };
    const seesUse = isAllowed(state, token, { path: `/nodes/${node.name}`, privileges: ["Sys.Audit"] });
    if (!seesUse) return { ...fixed, status: "online" };
    return {
      ...fixed,
      status: "online",
      cpu: nodeValue(newest, "cpu_current"),
      maxcpu: node.hardware.threads,
      mem: nodeValue(newest, "mem_used"),
      maxmem: node.hardware.memoryBytes,
      disk: nodeValue(newest, "disk_used"),
      maxdisk: nodeValue(newest, "disk_total"),
      uptime: nodeValue(newest, "uptime"),
    };
  });
  return { data: rows };
}
