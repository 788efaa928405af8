// What the simulated nodes measured, remembered for longer than they do themselves, and the comparison with what a store
// acknowledged. Its table of names is its own: a mistake in the collector's must not be repeated here.
import type { EntityId } from "../../src/model/ids.ts";
import type { SimulatorState } from "../../src/simulator/index.ts";
import { nodeFields } from "../../src/simulator/node-measure.ts";
import { type Generation, guestView, nodeValue, storageView } from "../../src/simulator/pvestatd.ts";

export type Values = Readonly<Record<string, number>>;

/** One thing, measured by one node at one moment of its own clock. */
export interface Measured {
  readonly id: EntityId;
  readonly node: string;
  readonly ts: number;
  readonly values: Values;
  /** One of several nodes reports it; which one is the collector's choice. */
  readonly shared: boolean;
}

const nodeNames: Readonly<Record<string, string>> = {
  uptime: "uptime_seconds",
  cpu_avg1: "load_1m",
  cpu_avg5: "load_5m",
  cpu_avg15: "load_15m",
  cpu_max: "cpu_count",
  cpu_current: "cpu_ratio",
  cpu_iowait: "iowait_ratio",
  mem_total: "mem_total_bytes",
  mem_used: "mem_used_bytes",
  swap_total: "swap_total_bytes",
  swap_used: "swap_used_bytes",
  disk_total: "root_total_bytes",
  disk_used: "root_used_bytes",
  net_in: "net_in_bytes_total",
  net_out: "net_out_bytes_total",
};

/** Every metric that an export brings, by kind, the counters' rates left out. */
export const exportedMetrics: Readonly<Record<"node" | "guest" | "storage", readonly string[]>> = {
  node: Object.values(nodeNames),
  guest: [
    "running",
    "uptime_seconds",
    "cpu_count",
    "cpu_ratio",
    "mem_total_bytes",
    "mem_used_bytes",
    "disk_total_bytes",
    "disk_used_bytes",
    "disk_read_bytes_total",
    "disk_write_bytes_total",
    "net_in_bytes_total",
    "net_out_bytes_total",
  ],
  storage: ["total_bytes", "used_bytes"],
};

export class Oracle {
  readonly #state: SimulatorState;
  readonly #cluster: string;
  readonly #seen = new Set<Generation>();
  /** By vmid, the guests that had it, in their order: the n-th is generation n. */
  readonly #guests = new Map<number, object[]>();
  readonly #byKey = new Map<string, Measured[]>();
  readonly all: Measured[] = [];

  constructor(state: SimulatorState, cluster = "sim") {
    this.#state = state;
    this.#cluster = cluster;
    this.watch();
  }

  /** Takes in what was measured since the last look; to be called before a node forgets, within half an hour. */
  watch(): void {
    for (const node of this.#state.nodes.keys()) {
      for (const generation of this.#state.pvestatd.history(node)) {
        if (this.#seen.has(generation)) continue;
        this.#seen.add(generation);
        for (const measured of this.#read(node, generation)) this.#add(measured);
      }
    }
  }

  /** What was measured of a thing at a moment; several when a node's clock showed that moment twice. */
  at(id: EntityId, ts: number): readonly Measured[] {
    return this.#byKey.get(`${id} ${ts}`) ?? [];
  }

  get ids(): readonly EntityId[] {
    return [...new Set(this.all.map(({ id }) => id))];
  }

  #add(measured: Measured): void {
    const key = `${measured.id} ${measured.ts}`;
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), measured]);
    this.all.push(measured);
  }

  #read(node: string, generation: Generation): Measured[] {
    const ts = generation.timestampS * 1000;
    const of = (id: string, values: Values, shared = false): Measured => ({
      id: `${this.#cluster}/${id}`,
      node,
      ts,
      values,
      shared,
    });
    const own = nodeFields.map((field) => [nodeNames[field] ?? field, nodeValue(generation, field)] as const);
    const guests = generation.layout.guests.map((guest, index) =>
      of(`guest/${guest.vmid}~${this.#generationOf(guest)}`, guestValues(guest, guestView(generation, index))),
    );
    const storages = generation.layout.storages.flatMap((storage, index) => {
      const { total, used } = storageView(generation, index);
      const key = storage.shared ? `@${storage.id}` : `${node}:${storage.id}`;
      // PVE exports a storage that does not answer with a size of 0: nothing is known of it.
      return total > 0 ? [of(`storage/${key}`, { total_bytes: total, used_bytes: used }, storage.shared)] : [];
    });
    return [of(`node/${node}`, Object.fromEntries(own)), ...guests, ...storages];
  }

  #generationOf(guest: { readonly vmid: number }): number {
    const known = this.#guests.get(guest.vmid) ?? [];
    if (!known.includes(guest)) known.push(guest);
    this.#guests.set(guest.vmid, known);
    return known.indexOf(guest) + 1;
  }
}

function guestValues(
  guest: Generation["layout"]["guests"][number],
  view: ReturnType<typeof guestView>,
): Record<string, number> {
  const always = {
    running: view.running ? 1 : 0,
    uptime_seconds: view.uptime,
    cpu_count: guest.cores,
    mem_total_bytes: guest.memoryBytes,
    disk_total_bytes: guest.diskBytes,
  };
  if (!view.running) return always;
  return {
    ...always,
    ...(guest.type === "lxc" ? { disk_used_bytes: view.disk_used } : {}),
    cpu_ratio: view.cpu_current,
    mem_used_bytes: view.mem_used,
    disk_read_bytes_total: view.disk_read,
    disk_write_bytes_total: view.disk_write,
    net_in_bytes_total: view.net_in,
    net_out_bytes_total: view.net_out,
  };
}
