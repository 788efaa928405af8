// The rows of /cluster/resources: what each pvestatd last told the cluster, for five minutes; then only the identity.
import type { SimGuest, SimNode, SimStorage } from "../entities.ts";
import { pools } from "../guest-plan.ts";
import { serviceState } from "../ha-plan.ts";
import { expireS, nodeValue } from "../pvestatd.ts";
import { isAllowed } from "../rights.ts";
import type { Call } from "../route.ts";
import { storagesOf } from "../volume-measure.ts";

type Row = Readonly<Record<string, unknown>>;

/** Without a type also pools; `sdn` selects what 9.1 renamed to network. */
export function resourceRows(call: Call, type: string | undefined): readonly Row[] {
  const { state } = call;
  const nodes = [...state.nodes.values()];
  const rows: Row[] = [];
  if (type === undefined) rows.push(...poolRows(call));
  if (type === undefined || type === "vm") rows.push(...guestRows(call));
  if (type === undefined || type === "node") rows.push(...nodes.flatMap((node) => nodeRow(call, node)));
  if (type === undefined || type === "storage") rows.push(...storageRows(call, nodes));
  if (type === undefined || type === "sdn") rows.push(...nodes.flatMap((node) => zoneRow(call, node)));
  return rows;
}

function guestRows(call: Call): readonly Row[] {
  const { state, token } = call;
  const backedUp = state.tasks.backedUpNow();
  return [...state.guests.values()]
    .filter((guest) => isAllowed(state, token, { path: `/vms/${guest.vmid}`, privileges: ["VM.Audit"] }))
    .map((guest) => guestRow(call, guest, guest.lock ?? (backedUp.has(guest.vmid) ? "backup" : undefined)));
}

function guestRow(call: Call, guest: SimGuest, lock: string | undefined): Row {
  const { state, token } = call;
  const view = state.pvestatd.guest(guest.vmid, state.nowS);
  const poolShown =
    guest.pool !== undefined && isAllowed(state, token, { path: `/pool/${guest.pool}`, privileges: ["Pool.Audit"] });
  const identity = {
    id: `${guest.type}/${guest.vmid}`,
    vmid: guest.vmid,
    node: guest.node,
    type: guest.type,
    ...(guest.tags.length > 0 ? { tags: guest.tags.join(";") } : {}),
    ...(poolShown ? { pool: guest.pool } : {}),
    ...(lock === undefined ? {} : { lock }),
    ...(state.ha.vmids.has(guest.vmid) ? { hastate: serviceState(guest, state.isOnline(guest.node)) } : {}),
  };
  if (view === undefined) return { ...identity, status: "unknown" };
  const shown = (value: number): number => (Number.isNaN(value) ? 0 : value);
  return {
    ...identity,
    name: view.name,
    status: view.running ? "running" : "stopped",
    template: guest.template ? 1 : 0,
    cpu: shown(view.cpu_current),
    maxcpu: guest.cores,
    mem: shown(view.mem_used),
    maxmem: guest.memoryBytes,
    disk: shown(view.disk_used),
    maxdisk: guest.diskBytes,
    netin: shown(view.net_in),
    netout: shown(view.net_out),
    diskread: shown(view.disk_read),
    diskwrite: shown(view.disk_write),
    uptime: view.uptime,
    ...(call.release === "8.4" || view.release === "8.4" ? {} : { memhost: shown(view.mem_host) }),
  };
}

function nodeRow({ state, token }: Call, node: SimNode): readonly Row[] {
  const seesUse = isAllowed(state, token, { path: `/nodes/${node.name}`, privileges: ["Sys.Audit"] });
  const identity = { id: `node/${node.name}`, node: node.name, type: "node", level: "c", "cgroup-mode": 2 };
  const newest = state.pvestatd.newest(node.name);
  const fresh = newest !== undefined && state.nowS - newest.atS < expireS ? newest : undefined;
  const limits = {
    maxcpu: node.hardware.threads,
    maxmem: node.hardware.memoryBytes,
    maxdisk: fresh === undefined ? node.hardware.rootBytes : nodeValue(fresh, "disk_total"),
  };
  const status = state.isOnline(node.name) ? (fresh === undefined ? "unknown" : "online") : "offline";
  // Everybody sees that there is a node, and whether it is up.
  if (!seesUse) return [{ ...identity, status }];
  if (status === "offline") return [{ ...identity, ...limits, status }];
  if (fresh === undefined) return [{ ...identity, status: "unknown" }];
  return [
    {
      ...identity,
      ...limits,
      status: "online",
      cpu: nodeValue(fresh, "cpu_current"),
      mem: nodeValue(fresh, "mem_used"),
      disk: nodeValue(fresh, "disk_used"),
      uptime: nodeValue(fresh, "uptime"),
    },
  ];
}

function storageRows({ state, token }: Call, nodes: readonly SimNode[]): readonly Row[] {
  const privileges = ["Datastore.Audit", "Datastore.AllocateSpace"];
  return nodes.flatMap((node) =>
    storagesOf(state.storages, node)
      .filter((storage) => isAllowed(state, token, { path: `/storage/${storage.id}`, privileges, any: true }))
      .map((storage) => storageRow(state, node, storage)),
  );
}

function storageRow(state: Call["state"], node: SimNode, storage: SimStorage): Row {
  const view = state.pvestatd.storage(node.name, storage.id, state.nowS);
  const identity = {
    id: `storage/${node.name}/${storage.id}`,
    storage: storage.id,
    node: node.name,
    type: "storage",
    plugintype: storage.type,
    content: storage.content,
    shared: storage.shared ? 1 : 0,
  };
  if (view === undefined) return { ...identity, status: "unknown" };
  return { ...identity, status: "available", disk: view.used, maxdisk: view.total };
}

function zoneRow({ state, token, release }: Call, node: SimNode): readonly Row[] {
  const name = "localnetwork";
  if (!isAllowed(state, token, { path: `/sdn/zones/${name}`, privileges: ["SDN.Audit"] })) return [];
  const status = state.isOnline(node.name) ? "ok" : "unknown";
  if (release === "8.4") {
    return [{ id: `sdn/${node.name}/${name}`, sdn: name, node: node.name, type: "sdn", status }];
  }
  const id = `network/${node.name}/zone/${name}`;
  return [{ id, network: name, "network-type": "zone", node: node.name, type: "network", status }];
}

function poolRows({ state, token }: Call): readonly Row[] {
  return pools
    .filter((pool) => isAllowed(state, token, { path: `/pool/${pool.poolid}`, privileges: ["Pool.Audit"] }))
    .map((pool) => ({ id: `/pool/${pool.poolid}`, pool: pool.poolid, type: "pool" }));
}
