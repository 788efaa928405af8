// /cluster/metrics/export: the rounds that each node still holds, written as JSON text because a full answer is large.
import { ApiError } from "../api-error.ts";
import type { SimNode } from "../entities.ts";
import { skewMs } from "../fault-effects.ts";
import { nodeFields } from "../node-measure.ts";
import { flagOf, numberOf, textOf } from "../parameters.ts";
import { type Generation, generationS, guestView, keptGenerations, storageView } from "../pvestatd.ts";
import type { Answer, Call, Route } from "../route.ts";

export const exportRoute: Route = {
  method: "GET",
  path: "/cluster/metrics/export",
  parameters: {
    history: { type: "boolean", optional: true },
    "local-only": { type: "boolean", optional: true },
    "node-list": { type: "string", optional: true, since: "9.1" },
    "start-time": { type: "integer", optional: true },
  },
  permission: { path: "/", privileges: ["Sys.Audit"] },
  forwarded: false,
  answer: metrics,
};

async function metrics(call: Call): Promise<Answer> {
  const { state, parameters } = call;
  const history = flagOf(parameters, "history");
  const startTimeS = numberOf(parameters, "start-time");
  const count = history ? wantedGenerations(call, startTimeS) : 1;
  const byTime = new Map<number, string[]>();
  for (const node of await askedNodes(call)) {
    const write = createWriter(node);
    for (const generation of state.pvestatd.history(node.name).slice(-count)) {
      const { timestampS } = generation;
      if (timestampS <= (startTimeS ?? 0)) continue;
      byTime.set(timestampS, [...(byTime.get(timestampS) ?? []), write(generation)]);
    }
  }
  const sorted = [...byTime].sort(([a], [b]) => a - b).flatMap(([, texts]) => texts);
  return { json: `{"data":[${sorted.join(",")}]}` };
}

/** Counted on the called node's clock; a start in its future gives a negative number, which the real thing refuses. */
function wantedGenerations({ state, called }: Call, startTimeS: number | undefined): number {
  if (startTimeS === undefined) return keptGenerations;
  const clockS = Math.floor(state.nowS + skewMs(state, called.name) / 1000);
  const count = Math.trunc((clockS - startTimeS) / generationS);
  if (count < 0) throw new ApiError(500, "out of range integral type conversion attempted");
  // The count is of old rounds; the newest comes on top.
  return Math.min(count + 1, keptGenerations);
}

/** One after the other; a member that is gone but still counted costs the time limit and is left out. */
async function askedNodes(call: Call): Promise<readonly SimNode[]> {
  const { state, called, parameters } = call;
  if (flagOf(parameters, "local-only")) return [called];
  const list = textOf(parameters, "node-list")?.split(",");
  const asked: SimNode[] = [];
  for (const node of state.nodes.values()) {
    if (list !== undefined && !list.includes(node.name)) continue;
    if (!state.isOnline(node.name)) continue;
    const gone = [...state.faults.all("dead-node"), ...state.faults.all("dead-proxy")].find(
      (fault) => fault.node === node.name && node !== called,
    );
    if (gone?.mode === "hang") await call.sleep(call.fanOutTimeoutMs);
    if (gone === undefined) asked.push(node);
  }
  return asked;
}

const derived = new Set<string>(["net_in", "net_out", "disk_read", "disk_write"]);
/** While running; before `uptime` and the limits, in the order of the real answer. */
const runningFields = ["cpu_current", "mem_used", "disk_read", "disk_write", "net_in", "net_out"] as const;

/** A function from a round to its points as JSON text. What does not change between rounds is written once. */
function createWriter(node: SimNode): (generation: Generation) => string {
  const heads = new Map<string, string>();
  const head = (id: string, metric: string): string => {
    const key = `${id} ${metric}`;
    const known = heads.get(key);
    if (known !== undefined) return known;
    const type = derived.has(metric) ? "derive" : "gauge";
    const text = `{"id":"${id}","metric":"${metric}","type":"${type}","timestamp":`;
    heads.set(key, text);
    return text;
  };
  return (generation) => {
    const points: string[] = [];
    const tail = `${generation.timestampS},"value":`;
    const add = (id: string, metric: string, value: number): void => {
      points.push(`${head(id, metric)}${tail}${value}}`);
    };
    addNode(node, generation, add);
    addGuests(generation, add);
    addStorages(node, generation, add);
    return points.join(",");
  };
}

type Add = (id: string, metric: string, value: number) => void;

function addNode(node: SimNode, generation: Generation, add: Add): void {
  for (const [index, field] of nodeFields.entries()) add(`node/${node.name}`, field, generation.values[index] ?? 0);
}

function addGuests(generation: Generation, add: Add): void {
  generation.layout.guests.forEach((guest, index) => {
    const id = `${guest.type}/${guest.vmid}`;
    const view = guestView(generation, index);
    if (view.running) for (const field of runningFields) add(id, field, view[field]);
    if (view.running && guest.type === "lxc") add(id, "disk_used", view.disk_used);
    add(id, "uptime", view.uptime);
    add(id, "cpu_max", guest.cores);
    add(id, "mem_total", guest.memoryBytes);
    add(id, "disk_total", guest.diskBytes);
  });
}

function addStorages(node: SimNode, generation: Generation, add: Add): void {
  generation.layout.storages.forEach((storage, index) => {
    const { total, used } = storageView(generation, index);
    const id = `storage/${node.name}/${storage.id}`;
    add(id, "disk_total", total);
    add(id, "disk_used", used);
  });
}
