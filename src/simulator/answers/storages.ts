// Storage configuration, and what a node says about its storages when asked.
import { createHash } from "node:crypto";
import type { SimStorage } from "../entities.ts";
import { storageHangs } from "../fault-effects.ts";
import { flagOf, nodeParameter, type ParameterSpec, textOf } from "../parameters.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import { usedBytes, volumeOf } from "../volume-measure.ts";
import { nodeOf, refuseHanging, storageOf } from "./lookup.ts";
import { storageContentRoute } from "./storage-content.ts";

const read = {
  path: "/storage/{storage}",
  privileges: ["Datastore.Audit", "Datastore.AllocateSpace"],
  any: true,
} as const;
const optional = (type: ParameterSpec["type"]): ParameterSpec => ({ type, optional: true });

const types = "btrfs,cephfs,cifs,dir,esxi,iscsi,iscsidirect,lvm,lvmthin,nfs,pbs,rbd,zfs,zfspool".split(",");
/** 9 dropped GlusterFS. */
const storageType: ParameterSpec = {
  ...optional("string"),
  enum: types,
  enumIn: { "8.4": [...types, "glusterfs"].sort() },
};

export const storageRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/storage",
    parameters: { type: storageType },
    permission: "all",
    forwarded: false,
    answer: (call) => {
      const type = textOf(call.parameters, "type");
      const storages = visible(call).filter((storage) => type === undefined || storage.type === type);
      return { data: storages.map(configOf) };
    },
  },
  {
    method: "GET",
    path: "/storage/{storage}",
    parameters: { storage: { type: "string" } },
    permission: { path: "/storage/{storage}", privileges: ["Datastore.Allocate"] },
    forwarded: false,
    answer: (call) => ({ data: configOf(storageOf(call)) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage",
    parameters: {
      ...nodeParameter,
      content: optional("string"),
      enabled: optional("boolean"),
      format: optional("boolean"),
      storage: optional("string"),
      target: optional("string"),
    },
    permission: "all",
    forwarded: true,
    answer: async (call) => {
      for (const storage of asked(call)) await refuseHanging(call, storage);
      return { data: nodeStorages(call) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/status",
    parameters: { ...nodeParameter, storage: { type: "string" } },
    permission: read,
    forwarded: true,
    answer: async (call) => {
      const storage = storageOf(call);
      await refuseHanging(call, storage);
      return { data: statusOf(call, storage, nodeOf(call).name) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/identity",
    since: "9.2",
    parameters: { ...nodeParameter, storage: { type: "string" } },
    permission: read,
    forwarded: true,
    answer: async (call) => {
      const storage = storageOf(call);
      await refuseHanging(call, storage);
      return { data: { id: identityOf(call, storage), type: storage.type } };
    },
  },
  storageContentRoute,
];

const visible = ({ state, token }: Call): readonly SimStorage[] =>
  state.storages.filter((storage) => isAllowed(state, token, { ...read, path: `/storage/${storage.id}` }));

function configOf(storage: SimStorage): object {
  return {
    storage: storage.id,
    type: storage.type,
    content: storage.content,
    ...(storage.shared ? { shared: 1 } : {}),
    ...(storage.nodes === undefined ? {} : { nodes: storage.nodes.join(",") }),
    ...storage.settings,
    digest: "9f2c7f1b4d9a0f6b1c3de28a7c5504b9e8d1a6f3",
  };
}

/** What tells two ids on the same backing: equal for equal servers and exports, pools of one node, Ceph pools. */
function identityOf(call: Call, storage: SimStorage): string {
  const { server, export: exported, datastore, pool, monhost, vgname, thinpool, path } = storage.settings;
  const place = storage.shared ? (server ?? monhost ?? call.state.clusterName) : nodeOf(call).name;
  const backing = exported ?? datastore ?? pool ?? thinpool ?? path;
  return createHash("sha256")
    .update([place, vgname, backing].filter((part) => part !== undefined).join("/"))
    .digest("hex")
    .slice(0, 32);
}

function asked(call: Call): readonly SimStorage[] {
  const node = nodeOf(call).name;
  const only = textOf(call.parameters, "storage");
  const contents = textOf(call.parameters, "content")?.split(",");
  return visible(call)
    .filter((storage) => volumeOf(storage, node) !== undefined)
    .filter((storage) => only === undefined || storage.id === only)
    .filter((storage) => contents === undefined || contents.some((kind) => storage.content.split(",").includes(kind)));
}

function nodeStorages(call: Call): readonly object[] {
  const node = nodeOf(call).name;
  const withFormats = flagOf(call.parameters, "format");
  return asked(call).map((storage) => {
    const status = statusOf(call, storage, node);
    const fraction = status.active === 1 ? { used_fraction: status.used / status.total } : {};
    const formats = withFormats ? { formats: { default: "raw", supported: ["raw"] } } : {};
    return { storage: storage.id, ...status, ...fraction, ...formats };
  });
}

function statusOf({ state }: Call, storage: SimStorage, node: string) {
  const volume = volumeOf(storage, node);
  const active = volume !== undefined && !storageHangs(state, storage.id, node);
  const total = active ? volume.totalBytes : 0;
  const used = active ? Math.floor(usedBytes(volume, state.nowS)) : 0;
  return {
    type: storage.type,
    content: storage.content,
    shared: storage.shared ? 1 : 0,
    enabled: 1,
    active: active ? 1 : 0,
    total,
    used,
    avail: total - used,
  };
}
