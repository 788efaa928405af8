// rrddata of nodes, guests and storages. That of nodes and guests comes from the called node's own copy, so it can be
// read while the node it is about is dead.
import type { SimNode } from "../entities.ts";
import { guestParameters, nodeParameter, type ParameterSpec, textOf } from "../parameters.ts";
import { releaseAt, upgradedAtS } from "../releases.ts";
import type { Call, Route } from "../route.ts";
import { type Consolidation, guestRrd, nodeRrd, type RrdRequest, storageRrd } from "../rrd.ts";
import { rrdTable, type Timeframe } from "../rrd-tables.ts";
import { guestOf, nodeOf, storageOf } from "./lookup.ts";

const timeframes = ["hour", "day", "week", "month", "year"] as const;
const cf: ParameterSpec = { type: "string", optional: true, enum: ["AVERAGE", "MAX"] };
const timeframe: ParameterSpec = { type: "string", enum: timeframes };
/** 9 keeps a decade, and shows it for nodes. */
const nodeTimeframe: ParameterSpec = {
  type: "string",
  enum: [...timeframes, "decade"],
  enumIn: { "8.4": timeframes },
};
/** The cluster was installed so long before its anchor day. */
const installedDays = 800;

export const rrdRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/rrddata",
    parameters: { ...nodeParameter, cf, timeframe: nodeTimeframe },
    permission: { path: "/nodes/{node}", privileges: ["Sys.Audit"] },
    forwarded: false,
    answer: (call) => {
      const node = nodeOf(call);
      const root = call.state.storages.find((storage) => storage.id === "local");
      const guests = call.state.guestsEver(node.name);
      return { data: nodeRrd(node, guests, root, installedS(call), request(call, call.called)) };
    },
  },
  ...(["qemu", "lxc"] as const).map(
    (type): Route => ({
      method: "GET",
      path: `/nodes/{node}/${type}/{vmid}/rrddata`,
      parameters: { ...guestParameters, cf, timeframe },
      permission: { path: "/vms/{vmid}", privileges: ["VM.Audit"] },
      forwarded: false,
      answer: (call) => ({ data: guestRrd(guestOf(call, type), request(call, call.called)) }),
    }),
  ),
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/rrddata",
    parameters: { ...nodeParameter, storage: { type: "string" }, cf, timeframe },
    permission: { path: "/storage/{storage}", privileges: ["Datastore.Audit", "Datastore.AllocateSpace"], any: true },
    forwarded: true,
    answer: (call) => {
      const node = nodeOf(call);
      return { data: storageRrd(storageOf(call), node.name, installedS(call), request(call, node)) };
    },
  },
];

const installedS = ({ state }: Call): number => state.anchorS - installedDays * 86_400;

/** `answering` holds the files: the called node, for a storage the node that has it. */
function request({ state, parameters, release }: Call, answering: SimNode): RrdRequest {
  const frame = textOf(parameters, "timeframe") as Timeframe;
  const upgraded = upgradedAtS(answering);
  return {
    release,
    table: rrdTable(release, frame),
    ...(upgraded === undefined ? {} : { upgrade: { atS: upgraded, table: rrdTable("8.4", frame) } }),
    releaseAt: (name, atS) => {
      const node = state.nodes.get(name);
      return node === undefined ? release : releaseAt(node, atS);
    },
    noisyGuests: (node) => state.noisyGuests(node),
    cf: (textOf(parameters, "cf") ?? "AVERAGE") as Consolidation,
    nowS: state.nowS,
    gaps: state.gaps.all,
  };
}
