// rrddata: averages and maxima per step, from the same curves that the ten-second rounds read. A row carries the END
// of its interval; what is not known is absent from the row.
import type { Gap, Life, Release, SimGuest, SimNode, SimStorage } from "./entities.ts";
import { diskUsed, guestMemory, hostMemory, mixes } from "./guest-measure.ts";
import { neighbourLoad } from "./neighbour-load.ts";
import { arcBytes, averageNode, loadAverage, type NodeAverages } from "./node-measure.ts";
import { type GuestPressure, guestPressure, nodePressure } from "./pressure.ts";
import type { RrdTable } from "./rrd-tables.ts";
import { writeDelayS } from "./rrd-tables.ts";
import { usedBytes, volumeOf } from "./volume-measure.ts";

export type RrdRow = Record<string, number>;
export type Consolidation = "AVERAGE" | "MAX";

export interface RrdRequest {
  /** What the answering node runs. */
  readonly release: Release;
  readonly table: RrdTable;
  /** The answering node was an 8 until then, and kept that time in the archives of 8. */
  readonly upgrade?: { readonly atS: number; readonly table: RrdTable };
  /** What a node ran, which decides the fields that it measured. */
  readonly releaseAt: (node: string, atS: number) => Release;
  /** Guests that press on the disks of the others on a node. */
  readonly noisyGuests: (node: string) => readonly SimGuest[];
  readonly cf: Consolidation;
  readonly nowS: number;
  readonly gaps: readonly Gap[];
}

interface Span {
  readonly fromS: number;
  readonly toS: number;
}

/** RRD calls an interval unknown when less than half of it is known. */
const knownShare = 0.5;
/** A maximum is that of one-minute averages; so many of them are looked at per step. */
const guestWindows = 8;
const nodeWindows = 4;
const minuteS = 60;

export function guestRrd(guest: SimGuest, request: RrdRequest): readonly RrdRow[] {
  const gaps = request.gaps.filter(
    (gap) => gap.node === guest.node || guest.lives.some((life) => life.node === gap.node),
  );
  return steps(request).map((step) => guestRow(guest, step, gaps, request));
}

export function nodeRrd(
  node: SimNode,
  guests: readonly SimGuest[],
  root: SimStorage | undefined,
  installedS: number,
  request: RrdRequest,
): readonly RrdRow[] {
  const gaps = request.gaps.filter((gap) => gap.node === node.name);
  return steps(request).map((step) => {
    const known = subtract([{ fromS: Math.max(installedS, step.fromS), toS: step.toS }], gaps);
    if (lengthOf(known) < knownShare * (step.toS - step.fromS)) return { time: step.toS };
    return nodeRow(node, nodeValues(node, guests, step, request.cf), root, step, request);
  });
}

export function storageRrd(
  storage: SimStorage,
  node: string,
  installedS: number,
  request: RrdRequest,
): readonly RrdRow[] {
  const volume = volumeOf(storage, node);
  const gaps = request.gaps.filter((gap) => gap.node === node);
  return steps(request).map((step) => {
    const known = subtract([{ fromS: Math.max(installedS, step.fromS), toS: step.toS }], gaps);
    if (volume === undefined || lengthOf(known) < knownShare * (step.toS - step.fromS)) return { time: step.toS };
    const samples = spread(step, 8, 0).map((window) => usedBytes(volume, window.toS));
    const used = request.cf === "MAX" ? Math.max(...samples) : samples.reduce((a, b) => a + b, 0) / samples.length;
    return { time: step.toS, total: volume.totalBytes, used };
  });
}

/** After an upgrade from 8 the coarse rows of before stand in front of the fine ones of after. */
function steps({ table, nowS, upgrade }: RrdRequest): readonly Span[] {
  const fine = stepsOf(table, nowS - writeDelayS);
  if (upgrade === undefined) return fine;
  const beginS = fine[0]?.fromS ?? nowS;
  const coarse = stepsOf(upgrade.table, Math.min(upgrade.atS, nowS - writeDelayS));
  return [...coarse.filter((step) => step.toS > beginS), ...fine.filter((step) => step.fromS >= upgrade.atS)];
}

function stepsOf({ stepS, rows }: RrdTable, untilS: number): readonly Span[] {
  const lastS = Math.floor(untilS / stepS) * stepS;
  return Array.from({ length: rows }, (_, index) => {
    const toS = lastS - (rows - 1 - index) * stepS;
    return { fromS: toS - stepS, toS };
  });
}

function guestRow(guest: SimGuest, step: Span, gaps: readonly Gap[], request: RrdRequest): RrdRow {
  const lengthS = step.toS - step.fromS;
  const measured = subtract(
    [{ fromS: Math.max(guest.createdAtS, step.fromS), toS: step.toS }],
    gaps.filter((gap) => gap.node === guest.node),
  );
  if (lengthOf(measured) < knownShare * lengthS) return { time: step.toS };
  const limits = {
    time: step.toS,
    maxcpu: guest.cores,
    maxmem: guest.memoryBytes,
    maxdisk: guest.diskBytes,
    disk: 0,
  };
  const ran = guest.lives.flatMap((life) => runningSpans(life, step, gaps));
  if (lengthOf(ran) < knownShare * lengthS) return limits;
  const average = loadOver(guest, ran);
  const isAverage = request.cf === "AVERAGE" || lengthS <= minuteS;
  const load = isAverage ? average : guestMaximum(guest, ran, average, lengthS);
  const values = valuesAt(guest, load, step, request);
  const disk =
    guest.type === "lxc" ? diskUsed(guest, request.cf === "MAX" ? step.toS : (step.fromS + step.toS) / 2) : 0;
  return { ...limits, ...values, disk };
}

/** Counters have no rate for the first ten seconds of a process, which no one would see at this resolution. */
function runningSpans(life: Life, step: Span, gaps: readonly Gap[]): readonly Span[] {
  const fromS = Math.max(life.fromS, step.fromS);
  const toS = Math.min(life.toS, step.toS);
  return subtract(
    [{ fromS, toS }],
    gaps.filter((gap) => gap.node === life.node),
  );
}

type GuestValues = {
  readonly cpu: number;
  readonly mem: number;
  readonly netin: number;
  readonly netout: number;
  readonly diskread: number;
  readonly diskwrite: number;
} & { readonly memhost?: number } & Partial<GuestPressure>;

interface Load {
  cpu: number;
  io: number;
  memory: number;
}

/** The node on which a guest was at the end of a step, whose pvestatd measured it. */
const nodeAt = (guest: SimGuest, step: Span): string =>
  guest.lives.findLast((life) => life.fromS < step.toS)?.node ?? guest.node;

function loadOver(guest: SimGuest, spans: readonly Span[]): Load {
  const { load } = guest;
  const lengthS = lengthOf(spans);
  let cpuSum = 0;
  let ioSum = 0;
  let memorySum = 0;
  for (const { fromS, toS } of spans) {
    cpuSum += load.cpu.integral(toS) - load.cpu.integral(fromS);
    ioSum += load.io.integral(toS) - load.io.integral(fromS);
    memorySum += load.memory.integral(toS) - load.memory.integral(fromS);
  }
  return { cpu: cpuSum / lengthS, io: ioSum / lengthS, memory: memorySum / lengthS };
}

/** What a guest at this load shows. Every value grows with each part of the load. */
function valuesAt(guest: SimGuest, { cpu, io, memory }: Load, step: Span, request: RrdRequest): GuestValues {
  const { load } = guest;
  const node = nodeAt(guest, step);
  const release = request.releaseAt(node, step.toS);
  const base = {
    cpu,
    mem: guestMemory(guest, memory, release),
    netin: load.netInScale * (mixes.netIn.cpu * cpu + mixes.netIn.io * io),
    netout: load.netOutScale * (mixes.netOut.cpu * cpu + mixes.netOut.io * io),
    diskread: load.diskReadScale * (mixes.diskRead.cpu * cpu + mixes.diskRead.io * io),
    diskwrite: load.diskWriteScale * (mixes.diskWrite.cpu * cpu + mixes.diskWrite.io * io),
  };
  if (release === "8.4" || request.release === "8.4") return base;
  const memhost = guest.type === "qemu" ? { memhost: hostMemory(guest, memory) } : {};
  const neighbours = neighbourLoad(request.noisyGuests(node), guest, node, step.fromS, step.toS);
  return { ...base, ...memhost, ...guestPressure(cpu, io, neighbours, memory) };
}

/**
 * The busiest of a few one-minute windows, each part of the load for itself: CPU and I/O of a guest peak together, and
 * looking at every minute of a year would cost more than the whole import.
 */
function guestMaximum(guest: SimGuest, spans: readonly Span[], average: Load, stepS: number): Load {
  const { cpu, io, memory } = guest.load;
  const most = { ...average };
  for (const span of spans) {
    const share = (span.toS - span.fromS) / stepS;
    for (const { fromS, toS } of spread(span, Math.ceil(guestWindows * share), minuteS)) {
      most.cpu = Math.max(most.cpu, cpu.average(fromS, toS));
      most.io = Math.max(most.io, io.average(fromS, toS));
      most.memory = Math.max(most.memory, memory.average(fromS, toS));
    }
  }
  return most;
}

function nodeValues(node: SimNode, guests: readonly SimGuest[], step: Span, cf: Consolidation): NodeAverages {
  const average = averageNode(node, guests, step.fromS, step.toS);
  if (cf === "AVERAGE" || step.toS - step.fromS <= minuteS) return average;
  const maximum: Record<keyof NodeAverages, number> = { ...average };
  for (const window of spread(step, nodeWindows, minuteS)) {
    const values = averageNode(node, guests, window.fromS, window.toS);
    for (const key of Object.keys(maximum) as (keyof NodeAverages)[])
      maximum[key] = Math.max(maximum[key], values[key]);
  }
  return maximum;
}

function nodeRow(
  node: SimNode,
  values: NodeAverages,
  root: SimStorage | undefined,
  step: Span,
  request: RrdRequest,
): RrdRow {
  const { hardware } = node;
  const volume = root?.volumes.get(node.name);
  const middleS = (step.fromS + step.toS) / 2;
  const row: RrdRow = {
    time: step.toS,
    loadavg: loadAverage(node, values.cpu),
    maxcpu: hardware.threads,
    cpu: values.cpu,
    iowait: values.iowait,
    memtotal: hardware.memoryBytes,
    memused: values.memUsedBytes,
    swaptotal: hardware.swapBytes,
    swapused: Math.floor(hardware.swapBytes * 0.02),
    roottotal: volume?.totalBytes ?? hardware.rootBytes,
    rootused: volume === undefined ? 0 : usedBytes(volume, request.cf === "MAX" ? step.toS : middleS),
    netin: values.netInBytesPerSecond,
    netout: values.netOutBytesPerSecond,
  };
  if (request.release === "8.4" || request.releaseAt(node.name, step.toS) === "8.4") return row;
  const memavailable = hardware.memoryBytes - values.memUsedBytes;
  return { ...row, memavailable, arcsize: arcBytes(node), ...nodePressure(values.cpu, values.iowait) };
}

/** `count` windows spread evenly over a span; each ends where its share of the span ends. */
function spread(span: Span, count: number, widthS: number): readonly Span[] {
  const lengthS = span.toS - span.fromS;
  return Array.from({ length: count }, (_, index) => {
    const toS = span.fromS + (lengthS * (index + 1)) / count;
    return { fromS: Math.max(span.fromS, toS - widthS), toS };
  }).filter((window) => widthS === 0 || window.toS > window.fromS);
}

function subtract(spans: readonly Span[], gaps: readonly Span[]): readonly Span[] {
  let left = spans.filter((span) => span.toS > span.fromS);
  for (const gap of gaps) {
    left = left
      .flatMap((span) => [
        { fromS: span.fromS, toS: Math.min(span.toS, gap.fromS) },
        { fromS: Math.max(span.fromS, gap.toS), toS: span.toS },
      ])
      .filter((span) => span.toS > span.fromS);
  }
  return left;
}

const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.toS - span.fromS, 0);
