// What guests tell through their agent: file systems, and memory without their cache. Only where the configuration allows
// it; a guest whose agent does not answer is left alone for an hour, then longer.
import { aFact, type Fact } from "../../../model/facts.ts";
import type { GuestEntity } from "../../../model/inventory.ts";
import {
  type GuestFileSystem,
  type GuestMemory,
  guestConfig,
  guestFileSystems,
  guestMeminfo,
  PveRefusedError,
} from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";
import type { FactRow } from "../fact-rows.ts";
import { hasAgent } from "./guest-configs.ts";

export const agent: FactReader<"guest"> = {
  name: "agent",
  scope: "guest",
  tells: ["guest_file_system"],
  needs: ["VM.GuestAgent.Audit"],
  releases: ({ guestAgentPrivilege }) => guestAgentPrivilege !== null,
  needsAgent: true,
  backOffS: 3600,
  concerns: ({ type, status, template, lock }) => type === "qemu" && status === "running" && !template && lock === null,
  async read(context, guest) {
    const { pve, options } = context;
    // A guest without an agent in its configuration would cost its node an error each time.
    const config = (await guestConfig(pve, guest, options)).data;
    if (!hasAgent(config.values.get("agent"))) return {};
    const { rows } = (await guestFileSystems(pve, guest.node, guest.vmid, options)).data;
    const memory = await memoryOf(context, guest);
    return { facts: rows.map((row) => factOf(guest, row)), rows: [rowOf(context, guest, rows, memory)] };
  },
};

/** Reading a file needs a right of its own; Windows has no such file. */
async function memoryOf({ pve, options, holds }: FactContext, guest: GuestEntity): Promise<GuestMemory | undefined> {
  if (!holds("VM.GuestAgent.FileRead") && !holds("VM.GuestAgent.Unrestricted")) return undefined;
  try {
    return (await guestMeminfo(pve, guest.node, guest.vmid, options)).data;
  } catch (error) {
    if (error instanceof PveRefusedError) return undefined;
    throw error;
  }
}

const factOf = (guest: GuestEntity, row: GuestFileSystem): Fact =>
  aFact("guest_file_system", guest.id, row.mountPoint, {
    mount_point: row.mountPoint,
    type: orNull(row.type),
    total_bytes: orNull(row.totalBytes),
    used_bytes: orNull(row.usedBytes),
    devices: row.devices,
  });

const rowOf = (
  { now, everyS }: FactContext,
  guest: GuestEntity,
  rows: readonly GuestFileSystem[],
  memory: GuestMemory | undefined,
): FactRow => ({
  kind: "guest",
  id: guest.id,
  ts: now,
  stepS: everyS,
  origin: "fact",
  node: guest.node,
  values: {
    fs_total_bytes: sum(measured(rows).map(({ totalBytes }) => totalBytes)),
    fs_used_bytes: sum(measured(rows).map(({ usedBytes }) => usedBytes)),
    guest_mem_total_bytes: memory?.totalBytes,
    guest_mem_available_bytes: memory?.availableBytes,
  },
});

/** Windows' reserved partitions are listed without a size; both sums are over the same ones. */
const measured = (rows: readonly GuestFileSystem[]): readonly GuestFileSystem[] =>
  rows.filter(({ totalBytes, usedBytes }) => totalBytes !== undefined && usedBytes !== undefined);

/** Of nothing there is no sum. */
const sum = (parts: readonly (number | undefined)[]): number | undefined =>
  parts.length === 0 ? undefined : parts.reduce<number>((all, part) => all + (part ?? 0), 0);
