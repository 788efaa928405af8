// Guest lists, configurations and live status. These are measured when asked, not taken from the last round.
import { type GuestType, isRunning, type SimGuest } from "../entities.ts";
import { agentSetting } from "../guest-agent.ts";
import { type GuestReading, readGuest } from "../guest-measure.ts";
import { serviceState } from "../ha-plan.ts";
import { neighbourLoad } from "../neighbour-load.ts";
import { guestParameters, nodeParameter } from "../parameters.ts";
import { guestPressure } from "../pressure.ts";
import { releases } from "../releases.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import { guestConfig } from "./guest-config.ts";
import { guestOf, nodeOf } from "./lookup.ts";

type Row = Readonly<Record<string, unknown>>;

const audit = { path: "/vms/{vmid}", privileges: ["VM.Audit"] } as const;
const configParameters = {
  ...guestParameters,
  current: { type: "boolean", optional: true },
  snapshot: { type: "string", optional: true },
} as const;

export const guestRoutes: readonly Route[] = (["qemu", "lxc"] as const).flatMap((type): readonly Route[] => [
  {
    method: "GET",
    path: `/nodes/{node}/${type}`,
    parameters: type === "qemu" ? { ...nodeParameter, full: { type: "boolean", optional: true } } : nodeParameter,
    permission: "all",
    forwarded: true,
    answer: (call) => ({ data: guestList(call, type) }),
  },
  {
    method: "GET",
    path: `/nodes/{node}/${type}/{vmid}/config`,
    parameters: configParameters,
    permission: audit,
    forwarded: true,
    answer: (call) => ({ data: guestConfig(call, guestOf(call, type)) }),
  },
  {
    method: "GET",
    path: `/nodes/{node}/${type}/{vmid}/status/current`,
    parameters: guestParameters,
    permission: audit,
    forwarded: true,
    answer: (call) => ({ data: current(call, guestOf(call, type)) }),
  },
]);

function guestList(call: Call, type: GuestType): readonly Row[] {
  const { state, token, release } = call;
  return state
    .guestsNow(nodeOf(call).name)
    .filter((guest) => guest.type === type)
    .filter((guest) => isAllowed(state, token, { path: `/vms/${guest.vmid}`, privileges: ["VM.Audit"] }))
    .map((guest) => ({
      ...common(call, guest),
      // 8 hands the number out of a hash key as a string.
      ...(type === "lxc" && release === "8.4" ? { vmid: String(guest.vmid) } : {}),
    }));
}

function common({ state, release }: Call, guest: SimGuest): Row {
  const { nowS } = state;
  const reading = readGuest(guest, nowS, release);
  const lock = state.lockOf(guest);
  return {
    vmid: guest.vmid,
    name: guest.name,
    status: isRunning(guest) ? "running" : "stopped",
    cpus: guest.cores,
    maxmem: guest.memoryBytes,
    maxdisk: guest.diskBytes,
    ...numbers(reading),
    ...(guest.tags.length > 0 ? { tags: guest.tags.join(";") } : {}),
    ...(lock === undefined ? {} : { lock }),
    ...(reading === undefined ? {} : { pid: 1200 + (guest.seed % 900_000) }),
    ...(guest.type === "lxc" ? container(guest, reading) : guest.template ? { template: 1 } : {}),
    ...(release === "8.4" ? {} : newer(state, guest, reading)),
  };
}

const numbers = (reading: GuestReading | undefined): Row => ({
  cpu: reading?.cpu ?? 0,
  mem: reading?.memBytes ?? 0,
  disk: reading?.diskBytes ?? 0,
  uptime: reading?.uptimeS ?? 0,
  netin: reading?.netInBytes ?? 0,
  netout: reading?.netOutBytes ?? 0,
  diskread: reading?.diskReadBytes ?? 0,
  diskwrite: reading?.diskWriteBytes ?? 0,
});

/** Perl's false is the empty string, and so it stands in the JSON. */
const container = (guest: SimGuest, reading: GuestReading | undefined): Row => ({
  type: "lxc",
  template: guest.template ? 1 : "",
  swap: 0,
  maxswap: 512 * 2 ** 20,
  ...(reading === undefined ? { pid: null } : {}),
});

function newer(state: Call["state"], guest: SimGuest, reading: GuestReading | undefined): Row {
  const { nowS } = state;
  const memhost = guest.type === "qemu" ? { memhost: reading?.memHostBytes ?? 0 } : {};
  if (reading === undefined) return memhost;
  const neighbours = neighbourLoad(state.noisyGuests(guest.node), guest, guest.node, nowS - 10, nowS);
  const { io, memory } = guest.load;
  const { pressurecpufull, ...pressure } = guestPressure(
    reading.cpu,
    io.average(nowS - 10, nowS),
    neighbours,
    memory.average(nowS - 10, nowS),
  );
  return { ...memhost, ...pressure, ...(guest.type === "qemu" ? { pressurecpufull } : {}) };
}

function current(call: Call, guest: SimGuest): Row {
  const row = { ...common(call, guest), ha: haOf(call, guest) };
  if (guest.type === "lxc") return row;
  const running = isRunning(guest);
  const plain = { ...row, qmpstatus: running ? "running" : "stopped", clipboard: null };
  const always = agentSetting(guest) === undefined ? plain : { ...plain, agent: 1 };
  if (!running) return always;
  const reading = readGuest(guest, call.state.nowS, call.release);
  const qemu = releases[call.release].qemu;
  return {
    ...always,
    "running-qemu": qemu,
    "running-machine": `pc-q35-${qemu.split(".").slice(0, 2).join(".")}+pve0`,
    balloon: guest.memoryBytes,
    ...(guest.balloon && reading !== undefined ? balloon(guest, reading, call.state.nowS) : {}),
    nics: { [`tap${guest.vmid}i0`]: { netin: reading?.netInBytes ?? 0, netout: reading?.netOutBytes ?? 0 } },
    blockstat: { scsi0: { rd_bytes: reading?.diskReadBytes ?? 0, wr_bytes: reading?.diskWriteBytes ?? 0 } },
  };
}

function haOf({ state }: Call, guest: SimGuest): Row {
  if (!state.ha.vmids.has(guest.vmid)) return { managed: 0 };
  return { managed: 1, state: serviceState(guest, state.isOnline(guest.node)) };
}

function balloon(guest: SimGuest, reading: GuestReading, nowS: number): Row {
  const freemem = guest.memoryBytes - reading.memBytes;
  return {
    freemem,
    ballooninfo: {
      actual: guest.memoryBytes,
      max_mem: guest.memoryBytes,
      total_mem: guest.memoryBytes,
      free_mem: freemem,
      last_update: Math.floor(nowS),
      major_page_faults: 1200,
      minor_page_faults: 3_000_000,
      mem_swapped_in: 0,
      mem_swapped_out: 0,
    },
  };
}
