// A month of a small cluster in a store, hour by hour, and the context that a job gets over it.
import type { JobContext } from "../../../src/analyse/index.ts";
import { defaultAnalysisChoices } from "../../../src/model/analysis-settings.ts";
import { blocksFromRows, type Row } from "../../../src/model/batch.ts";
import type { Event } from "../../../src/model/event.ts";
import { aFact, type Fact } from "../../../src/model/facts.ts";
import { parseEntityId } from "../../../src/model/ids.ts";
import type { GuestEntity } from "../../../src/model/inventory.ts";
import { MemoryStore } from "../../../src/store/drivers/memory/memory-store.ts";
import { aCluster, aGuest, aNode } from "../../build.ts";
import { aSnapshot, live } from "../supply/a-snapshot.ts";

export const hourMs = 3_600_000;
export const gib = 2 ** 30;
/** A Monday noon. */
export const nowMs = Date.UTC(2026, 0, 5, 12);
export const monthHours = 720;
export const monthFrom = nowMs - monthHours * hourMs;

export interface MonthGuest {
  readonly vmid: number;
  readonly node: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Share of its cores by hour of the month; null while it did not run, undefined where nothing is known. */
  readonly cpu: (hour: number) => number | null | undefined;
  readonly usedGib: number;
  readonly entity?: Partial<GuestEntity>;
  readonly startAtBoot?: boolean;
}

export interface Month {
  readonly guests: readonly MonthGuest[];
  readonly nodes: readonly { readonly name: string; readonly threads: number; readonly memoryGib: number }[];
  /** Hours in which nobody watched. */
  readonly isBlind?: (hour: number) => boolean;
  readonly choices?: Partial<JobContext["settings"]>;
  readonly facts?: readonly Fact[];
  readonly events?: readonly Event[];
  /** Everything times this: loads and capacities alike. */
  readonly scale?: number;
}

/** Beyond what its guests take, a node takes 2 GiB and no CPU. */
const hostGib = 2;

export async function aMonth(month: Month): Promise<JobContext & { readonly store: MemoryStore }> {
  const store = new MemoryStore();
  const rows = [...guestRows(month), ...nodeRows(month)];
  const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "guest", rows);
  await store.append({ batchId: "month", cluster: "a", source: "test", blocks, marks: {} });
  const scale = month.scale ?? 1;
  const entities = [
    live(aCluster("a", nowMs)),
    ...month.nodes.map(({ name, threads, memoryGib }) =>
      live(aNode("a", name, nowMs), { cpu_count: threads * scale, mem_total_bytes: memoryGib * gib * scale }),
    ),
    ...month.guests.map((guest) =>
      live(entityOf(guest), { cpu_count: guest.cores * scale, mem_total_bytes: guest.memoryGib * gib * scale }),
    ),
  ];
  const facts = [
    ...month.nodes.map((node) => hardware(node, scale)),
    ...month.guests.map((guest) => configOf(guest, scale)),
  ];
  return {
    nowMs,
    ...aSnapshotOf(entities, [...facts, ...(month.facts ?? [])]),
    settings: { ...defaultAnalysisChoices, ...month.choices, clusters: [{ id: "a", name: "a", costModel: null }] },
    store,
    events: { query: () => Promise.resolve(month.events ?? []) },
    history: { changes: () => Promise.resolve([]) },
    findings: {
      list: () => Promise.resolve([]),
      find: () => Promise.resolve(undefined),
      changes: () => Promise.resolve([]),
    },
    documents: { list: () => Promise.resolve([]) },
    threads: 1,
    progress: () => undefined,
  };
}

function aSnapshotOf(...args: Parameters<typeof aSnapshot>) {
  const { fleet, facts } = aSnapshot(...args);
  const get = (id: string) => args[0].find(({ entity }) => entity.id === id);
  return { facts, fleet: { ...fleet, get, tasks: () => [] } };
}

const entityOf = ({ vmid, node, entity }: MonthGuest): GuestEntity => aGuest("a", vmid, nowMs, { node, ...entity });

const row = (id: string, hour: number, values: Readonly<Record<string, number>>): Row => ({
  id,
  ts: monthFrom + hour * hourMs,
  stepS: 3600,
  origin: "export",
  node: null,
  values,
});

function* guestRows({ guests, isBlind = () => false, scale = 1 }: Month): Generator<Row> {
  for (const guest of guests) {
    for (let hour = 0; hour < monthHours; hour++) {
      const cpu = guest.cpu(hour);
      if (cpu === undefined || isBlind(hour)) continue;
      const fixed = { cpu_count: guest.cores * scale, mem_total_bytes: guest.memoryGib * gib * scale };
      const running = { running: 1, cpu_ratio: cpu ?? 0, mem_host_bytes: guest.usedGib * gib * scale };
      yield row(entityOf(guest).id, hour, { ...fixed, ...(cpu === null ? { running: 0 } : running) });
    }
  }
}

function* nodeRows({ nodes, guests, isBlind = () => false, scale = 1 }: Month): Generator<Row> {
  for (const { name, threads } of nodes) {
    for (let hour = 0; hour < monthHours; hour++) {
      if (isBlind(hour)) continue;
      let [busy, used] = [0, hostGib];
      for (const guest of guests.filter(({ node }) => node === name)) {
        busy += (guest.cpu(hour) ?? 0) * guest.cores;
        used += guest.cpu(hour) == null ? 0 : guest.usedGib;
      }
      yield row(`a/node/${name}`, hour, { cpu_ratio: busy / threads, mem_used_bytes: used * gib * scale });
    }
  }
}

/** As many cores as threads: hyperthreads have their own tests. */
const hardware = ({ name, threads, memoryGib }: Month["nodes"][number], scale: number): Fact =>
  aFact("hardware", `a/node/${name}`, "", {
    cpu_model: null,
    cpu_sockets: 1,
    cpu_cores: threads * scale,
    cpu_threads: threads * scale,
    memory_bytes: memoryGib * gib * scale,
    pve_version: null,
    kernel: null,
    boot_mode: null,
    ksm_shared_bytes: null,
  });

const configOf = (guest: MonthGuest, scale: number): Fact =>
  aFact("guest_config", entityOf(guest).id, "", {
    digest: null,
    cores: guest.cores * scale,
    memory_bytes: guest.memoryGib * gib * scale,
    balloon_bytes: null,
    disk_bytes: 10 * gib,
    disks: ["scsi0: local-lvm:vm-disk-0,size=10G"],
    networks: [],
    os_type: null,
    start_at_boot: guest.startAtBoot ?? true,
    agent: false,
    protection: false,
    snapshot: null,
    settings: [],
  });
