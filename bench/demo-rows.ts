// Guests of the demo as batches, without the network: what a row costs on disk is told from data that looks like a
// cluster's. Rates are taken from the counters as the collector does.
import type { Batch } from "../src/model/batch.ts";
import { BlockBuilder } from "../src/model/batch.ts";
import { buildCluster } from "../src/simulator/build-cluster.ts";
import { type GuestReading, readGuest } from "../src/simulator/guest-measure.ts";

const stepS = 10;
const counters = [
  ["net_in", "netInBytes"],
  ["net_out", "netOutBytes"],
  ["disk_read", "diskReadBytes"],
  ["disk_write", "diskWriteBytes"],
] as const;

/** One batch per poll of ten seconds; stopped guests and templates have no row, as in an export they have no sample. */
export function* demoPolls(guestCount: number, nodeCount: number, fromMs: number, polls: number): Generator<Batch> {
  const anchorS = Math.floor(fromMs / 86_400_000) * 86_400;
  const releases = [{ fromS: 0, release: "9.2" }] as const;
  const plan = { nodes: nodeCount, guests: guestCount, seed: 1, anchorS, ceph: false };
  const { guests } = buildCluster({ ...plan, releasesOf: () => [...releases] });
  const before = new Map<number, GuestReading>();
  for (let poll = 0; poll < polls; poll++) {
    const ts = fromMs + poll * stepS * 1000;
    const block = new BlockBuilder("guest", guests.length);
    for (const guest of guests) {
      const reading = readGuest(guest, ts / 1000, "9.2");
      if (reading === undefined) continue;
      const row = block.row(`bench/guest/${guest.vmid}~1`, ts, stepS, "export", guest.node);
      fill(block, row, reading, guest, before.get(guest.vmid));
      before.set(guest.vmid, reading);
    }
    const batchId = `demo-${fromMs}-${String(poll).padStart(6, "0")}`;
    yield { batchId, cluster: "bench", source: "poll", marks: { "export/pve1": ts }, blocks: [block.build()] };
  }
}

/** Fifteen fields, of which a guest has what it has. */
function fill(
  block: BlockBuilder,
  row: number,
  reading: GuestReading,
  guest: { readonly cores: number; readonly memoryBytes: number },
  before: GuestReading | undefined,
): void {
  block.set(row, "running", 1);
  block.set(row, "cpu_ratio", reading.cpu);
  block.set(row, "cpu_count", guest.cores);
  block.set(row, "mem_total_bytes", guest.memoryBytes);
  block.set(row, "mem_used_bytes", reading.memBytes);
  block.set(row, "mem_host_bytes", reading.memHostBytes);
  block.set(row, "uptime_seconds", reading.uptimeS);
  for (const [stem, key] of counters) {
    block.set(row, `${stem}_bytes_total`, reading[key]);
    if (before !== undefined) block.set(row, `${stem}_bytes_per_second`, (reading[key] - before[key]) / stepS);
  }
}
