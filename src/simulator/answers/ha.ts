// High availability: status of the manager and its services, resources, and rules or groups.
import { ApiError } from "../api-error.ts";
import type { SimGuest } from "../entities.ts";
import { preferredGroup, serviceState, sidOf } from "../ha-plan.ts";
import { type ParameterSpec, textOf } from "../parameters.ts";
import { oldestRelease } from "../releases.ts";
import type { Call, Route } from "../route.ts";

const audit = { path: "/", privileges: ["Sys.Audit"] } as const;
const optional = (type: ParameterSpec["type"], more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  type,
  optional: true,
  ...more,
});

export const haRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/cluster/ha/status/current",
    parameters: {},
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: status(call) }),
  },
  {
    method: "GET",
    path: "/cluster/ha/resources",
    parameters: { type: optional("string", { enum: ["ct", "vm"] }) },
    permission: audit,
    forwarded: false,
    answer: (call) => {
      const type = textOf(call.parameters, "type");
      const guests = managed(call).filter((guest) => type === undefined || sidOf(guest).startsWith(`${type}:`));
      return { data: guests.map((guest) => resource(call, guest)) };
    },
  },
  {
    method: "GET",
    path: "/cluster/ha/rules",
    since: "9.1",
    parameters: {
      resource: optional("string"),
      type: optional("string", { enum: ["node-affinity", "resource-affinity"] }),
    },
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: rules(call) }),
  },
  {
    method: "GET",
    path: "/cluster/ha/groups",
    parameters: {},
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: groups(call) }),
  },
];

/** Groups become rules when the last node has left 8 behind. */
const hasGroups = ({ state }: Call): boolean => oldestRelease(state.nodes.values()) === "8.4";

const managed = ({ state }: Call): readonly SimGuest[] =>
  [...state.ha.vmids].flatMap((vmid) => state.guests.get(vmid) ?? []);

const digest = "4c7d2f5a9b1e3d60c8a7f2b5e9d4016c3a8f7b21";

function resource(call: Call, guest: SimGuest): object {
  return {
    sid: sidOf(guest),
    type: guest.type === "qemu" ? "vm" : "ct",
    ...settings(call, guest),
    state: "started",
    digest,
  };
}

function settings(call: Call, guest: SimGuest): object {
  const grouped = hasGroups(call) && call.state.ha.preferred.includes(guest.vmid);
  return {
    max_restart: 1,
    max_relocate: 1,
    ...(grouped ? { group: preferredGroup } : {}),
    ...(call.release === "8.4" ? {} : { failback: 1 }),
    ...(call.release === "9.2" ? { "auto-rebalance": 1 } : {}),
  };
}

/** Perl's localtime in a string. */
const localtime = (atS: number): string => {
  const [day = "", date = "", month = "", year = "", time = ""] = new Date(atS * 1000).toUTCString().split(/,? /);
  return `${day} ${month} ${date.replace(/^0/, " ")} ${time} ${year}`;
};

function status(call: Call): readonly object[] {
  const { state, called, release } = call;
  const quorum = {
    id: "quorum",
    type: "quorum",
    node: called.name,
    status: state.quorate ? "OK" : `No quorum on node '${called.name}'!`,
    quorate: state.quorate ? 1 : 0,
  };
  const guests = managed(call);
  if (guests.length === 0) return [quorum];
  const online = [...state.nodes.values()].filter((node) => state.isOnline(node.name));
  const master = online[0] ?? called;
  // Manager and nodes write their time every few seconds.
  const timestamp = Math.floor(state.nowS / 10) * 10;
  const masterRow = {
    id: "master",
    type: "master",
    node: master.name,
    status: `${master.name} (active, ${localtime(timestamp)})`,
    timestamp,
  };
  const fencing = { id: "fencing", type: "fencing", node: master.name, status: "armed", "armed-state": "armed" };
  return [
    quorum,
    masterRow,
    ...(release === "8.4" ? [] : [fencing]),
    ...[...state.nodes.values()].map((node) => lrmRow(call, node.name, guests, timestamp)),
    ...guests.map((guest) => serviceRow(call, guest)),
  ];
}

function lrmRow({ state }: Call, node: string, guests: readonly SimGuest[], timestamp: number): object {
  const online = state.isOnline(node);
  const busy = guests.some((guest) => guest.node === node && serviceState(guest, online) === "started");
  const what = online ? (busy ? "active" : "idle") : "old timestamp - dead?";
  const seenS = online ? timestamp : (state.lostAtS(node) ?? timestamp);
  return {
    id: `lrm:${node}`,
    type: "lrm",
    node,
    status: `${node} (${what}, ${localtime(seenS)})`,
    timestamp: Math.floor(seenS),
  };
}

function serviceRow(call: Call, guest: SimGuest): object {
  const sid = sidOf(guest);
  const state = serviceState(guest, call.state.isOnline(guest.node));
  return {
    id: `service:${sid}`,
    type: "service",
    sid,
    node: guest.node,
    crm_state: state,
    state,
    status: `${sid} (${guest.node}, ${state})`,
    request_state: state === "stopped" ? "stopped" : "started",
    ...settings(call, guest),
  };
}

function rules(call: Call): readonly object[] {
  const { state, parameters } = call;
  if (hasGroups(call)) return [];
  const { preferred, apart, preferredNodes, ruleIds } = state.ha;
  const sids = (vmids: readonly number[]): string => vmids.flatMap((vmid) => nameOf(call, vmid)).join(",");
  const affinity = {
    rule: ruleIds[0],
    type: "node-affinity",
    resources: sids(preferred),
    nodes: preferredNodes,
    strict: 0,
    comment: `was group ${preferredGroup}`,
    order: 1,
    digest,
  };
  const separation = {
    rule: ruleIds[1],
    type: "resource-affinity",
    resources: sids(apart),
    affinity: "negative",
    order: 2,
    digest,
  };
  const type = textOf(parameters, "type");
  const sid = textOf(parameters, "resource");
  return [...(preferred.length > 0 ? [affinity] : []), ...(apart.length === 2 ? [separation] : [])]
    .filter((rule) => type === undefined || rule.type === type)
    .filter((rule) => sid === undefined || rule.resources.split(",").includes(sid));
}

function nameOf({ state }: Call, vmid: number): readonly string[] {
  const guest = state.guests.get(vmid);
  return guest === undefined ? [] : [sidOf(guest)];
}

function groups(call: Call): readonly object[] {
  if (!hasGroups(call)) throw new ApiError(500, "cannot index groups: ha groups have been migrated to rules");
  const { preferredNodes } = call.state.ha;
  return [{ group: preferredGroup, type: "group", nodes: preferredNodes, restricted: 0, nofailback: 0, digest }];
}
