// Disks, guests and storages with planted ends, made of the simulator's own functions, and how early the rules find them.
// One round is one seed; nothing is fetched, so that half a year of a thousand disks takes seconds.
import type { Points } from "../src/analyse/risk/numbers/points.ts";
import { isNotYet } from "../src/analyse/risk/rule.ts";
import { type ErrorMetric, judgeDisk } from "../src/analyse/risk/rules/disk-errors.ts";
import { bucketMs, judgeLeak, lookBackMs } from "../src/analyse/risk/rules/memory-leak.ts";
import { judgeFilling } from "../src/analyse/risk/rules/storage-full.ts";
import { createCurves } from "../src/simulator/archetypes.ts";
import { diskHealth } from "../src/simulator/disk-health.ts";
import type { DiskFate, DiskKind, SimDisk } from "../src/simulator/disks.ts";
import type { Archetype, SimVolume } from "../src/simulator/entities.ts";
import { createRandom, hash, type Random } from "../src/simulator/random.ts";
import { usedBytes } from "../src/simulator/volume-measure.ts";

const dayS = 86_400;
const startS = Date.UTC(2026, 0, 5) / 1000;
const days = 180;
/** SMART is read twice a day. */
const readingS = dayS / 2;

export interface DiskScore {
  readonly announced: number;
  /** Warned of at least a week before they failed. */
  readonly inTime: number;
  readonly medianLeadDays: number;
  /** Disks that were ever warned of. */
  readonly warned: number;
  readonly wronglyWarned: number;
  readonly unannounced: number;
  readonly healthyDisks: number;
}

/**
 * 1000 disks for half a year: 21 fail after signs, 9 without any, and 41 of those that do not fail have old defects (4.2 %,
 * which is what Backblaze found among its working disks).
 */
export function diskRound(seed: number): DiskScore {
  const random = createRandom(seed);
  const planted = Array.from({ length: 1000 }, (_, index) => plantDisk(index, random));
  const leads: number[] = [];
  let warned = 0;
  let wronglyWarned = 0;
  for (const { disk, diesAtS } of planted) {
    const atS = firstWarning(disk, diesAtS);
    if (atS === undefined) continue;
    warned++;
    if (disk.fate.kind === "failing") leads.push((disk.fate.failsAtS - atS) / dayS);
    else wronglyWarned++;
  }
  const announced = planted.filter(({ disk }) => disk.fate.kind === "failing").length;
  return {
    announced,
    inTime: leads.filter((lead) => lead >= 7).length,
    medianLeadDays: [...leads].sort((a, b) => a - b)[leads.length >> 1] ?? 0,
    warned,
    wronglyWarned,
    unannounced: planted.filter(({ disk, diesAtS }) => disk.fate.kind !== "failing" && diesAtS < startS + days * dayS)
      .length,
    healthyDisks: planted.length - announced,
  };
}

interface PlantedDisk {
  readonly disk: SimDisk;
  /** Answers no more from then on; after the end for most. */
  readonly diesAtS: number;
}

function plantDisk(index: number, random: Random): PlantedDisk {
  const failsAtS = startS + random.integer(25, days - 1) * dayS + random.integer(0, dayS);
  const precursorAtS = failsAtS - random.integer(12, 17) * dayS;
  const endS = startS + days * dayS;
  const fate: DiskFate =
    index < 21
      ? { kind: "failing", precursorAtS, failsAtS }
      : index < 71 && index >= 30
        ? { kind: "noisy" }
        : { kind: "healthy" };
  const kind: DiskKind = random.next() < 0.6 ? "hdd" : "ssd";
  const disk: SimDisk = {
    node: "pve1",
    devpath: `/dev/sd${index}`,
    kind,
    vendor: "ATA",
    model: "ST8000NM000A-2KE101",
    serial: random.hex(10),
    wwn: "",
    sizeBytes: 8e12,
    use: { kind: "unused" },
    seed: hash(index, random.integer(0, 2 ** 31)),
    installedAtS: startS - random.integer(100, 1500) * dayS,
    wear: { atS: startS, percent: 5, perDay: 0.01 },
    fate,
  };
  return { disk, diesAtS: index < 30 ? failsAtS : endS };
}

/** Disks that get one more bad sector every 60 to 200 days and live on; the share that is ever warned of in half a year. */
export function ageingRound(seed: number): number {
  const random = createRandom(seed);
  const count = 200;
  let warned = 0;
  for (let index = 0; index < count; index++) {
    const { disk } = plantDisk(999, random);
    const every = random.between(60, 200);
    const had = random.integer(0, 5);
    const agedBy = (atS: number): number => had + Math.floor((atS - startS) / dayS / every);
    if (firstWarning(disk, startS + days * dayS, agedBy) !== undefined) warned++;
  }
  return warned / count;
}

function firstWarning(
  disk: SimDisk,
  diesAtS: number,
  moreSectors: (atS: number) => number = () => 0,
): number | undefined {
  const atMs: number[] = [];
  const values: Record<Exclude<ErrorMetric, "media_errors">, number[]> = {
    reallocated_sectors: [],
    reported_uncorrectable: [],
    command_timeouts: [],
    pending_sectors: [],
    offline_uncorrectable: [],
  };
  const points = (list: readonly number[]): Points => ({ atMs, values: list });
  const counts = Object.fromEntries(Object.entries(values).map(([metric, list]) => [metric, points(list)]));
  // The first reading of a disk falls anywhere in the half day.
  for (let atS = startS + (disk.seed % readingS); atS < diesAtS; atS += readingS) {
    const health = diskHealth(disk, atS);
    atMs.push(atS * 1000);
    values.reallocated_sectors.push(health.reallocated + moreSectors(atS));
    values.reported_uncorrectable.push(health.reportedUncorrectable);
    values.command_timeouts.push(health.commandTimeouts);
    values.pending_sectors.push(health.pending);
    values.offline_uncorrectable.push(health.offlineUncorrectable);
    const found = judgeDisk({ ...reading, device: disk.devpath, type: disk.kind, counts }, atS * 1000);
    if (found.some(({ severity }) => severity !== "info")) return atS;
  }
  return undefined;
}

const reading = {
  cluster: "c",
  subject: "c/node/pve1",
  nodeName: "pve1",
  disk: "c/disk/pve1:x",
  key: "x",
  model: null,
  verdict: "PASSED",
  failingAttributes: [],
  spare: null,
  criticalWarning: null,
} as const;

export interface LeakScore {
  readonly leaks: number;
  readonly found: number;
  readonly slowestDays: number;
  readonly medianDays: number;
  readonly otherGuestWeeks: number;
  readonly falseLeaks: number;
}

const memoryBytes = 16 * 2 ** 30;
const others: readonly Archetype[] = [
  "service",
  "batch",
  "idle",
  "oversized",
  "throttled",
  "level-shift",
  "growing",
  "anomalous",
  "noisy-neighbour",
];

/** 20 leaking guests from ten days before the leak to thirty after it began, and 54 others for ten weeks each. */
export function leakRound(seed: number): LeakScore {
  const lags: number[] = [];
  for (let index = 0; index < 20; index++) {
    const { memory, truth } = createCurves("memory-leak", hash(seed, index), startS, memoryBytes);
    const sinceS = truth.memory_leak?.since_s ?? 0;
    const foundS = firstLeak((from, to) => memory.average(from, to), sinceS - 10 * dayS, sinceS + 30 * dayS);
    if (foundS !== undefined && foundS > sinceS) lags.push((foundS - sinceS) / dayS);
  }
  const weeks = 10;
  const falseLeaks = others
    .flatMap((archetype, kind) =>
      Array.from({ length: 6 }, (_, index) => ({ archetype, seed: hash(seed ^ 91, 100 * kind + index) })),
    )
    .filter((other) => {
      const { memory } = createCurves(other.archetype, other.seed, startS, memoryBytes);
      return firstLeak((from, to) => memory.average(from, to), startS - weeks * 7 * dayS, startS) !== undefined;
    }).length;
  lags.sort((a, b) => a - b);
  return {
    leaks: 20,
    found: lags.length,
    slowestDays: lags.at(-1) ?? Number.POSITIVE_INFINITY,
    medianDays: lags[lags.length >> 1] ?? Number.POSITIVE_INFINITY,
    otherGuestWeeks: weeks * 6 * others.length,
    falseLeaks,
  };
}

/**
 * Guests that are hard to tell from leaking ones, which the simulator does not have: memory that rises from Monday to
 * Friday and is given back at the weekend, a cache that fills for some days after a start, releases that need more.
 */
export function hardGuestsRound(seed: number): {
  readonly guestWeeks: number;
  readonly accused: Record<string, number>;
} {
  const weeks = 10;
  const each = 10;
  const toS = startS;
  const fromS = toS - weeks * 7 * dayS;
  const accused: Record<string, number> = {};
  for (const [kind, shape] of Object.entries(hardShapes)) {
    accused[kind] = Array.from({ length: each }, (_, index) => createRandom(hash(seed, index))).filter((random) => {
      const level = random.between(0.4, 0.75);
      const curve = shape(random, level);
      const noiseSeed = random.integer(0, 2 ** 31);
      const noisy = (atS: number): number =>
        curve((atS - fromS) / dayS) + 0.004 * (hash(noiseSeed, Math.floor(atS / 300)) / 2 ** 31 - 1);
      return firstLeak(noisy, fromS, toS) !== undefined;
    }).length;
  }
  return { guestWeeks: weeks * each * Object.keys(hardShapes).length, accused };
}

/** By days since the begin, a Monday; a share of the memory. */
const hardShapes: Readonly<Record<string, (random: Random, level: number) => (days: number) => number>> = {
  "working week": (random, level) => {
    const rise = random.between(0.05, 0.15);
    return (days) => level + rise * (days % 7 < 5 ? (days % 7) / 5 : (7 - (days % 7)) / 2);
  },
  "filling cache": (random, level) => {
    const [rise, days0] = [random.between(0.1, 0.25), random.between(0.5, 3)];
    return (days) => level + rise * (1 - Math.exp(-days / days0));
  },
  releases: (random, level) => {
    const [step, every] = [random.between(0.02, 0.06), random.integer(9, 23)];
    return (days) => level * 0.7 + step * Math.floor(days / every);
  },
};

/** Four runs a day. */
function firstLeak(average: (fromS: number, toS: number) => number, fromS: number, toS: number): number | undefined {
  const stepS = bucketMs / 1000;
  const beginS = Math.ceil(fromS / stepS) * stepS;
  const atMs: number[] = [];
  const values: number[] = [];
  for (let atS = beginS; atS + stepS <= toS; atS += stepS) {
    let lowest = Number.POSITIVE_INFINITY;
    for (let at = atS; at < atS + stepS; at += 300) lowest = Math.min(lowest, average(at, at + 10));
    atMs.push(atS * 1000);
    values.push(lowest * memoryBytes);
    const keep = lookBackMs / bucketMs;
    const used = { atMs: atMs.slice(-keep), values: values.slice(-keep) };
    const judged = judgeLeak({ ...candidate, used }, (atS + stepS) * 1000);
    if (!isNotYet(judged) && judged.length > 0) return atS + stepS;
  }
  return undefined;
}

const candidate = {
  cluster: "c",
  guest: "c/guest/100~1",
  name: "web",
  metric: "mem_used_bytes",
  totalBytes: memoryBytes,
  startsMs: [],
  withoutCache: true,
} as const;

export interface FillScore {
  /** Of the 14 days that were left, as a share. */
  readonly errors: readonly number[];
  /** How many of the true dates were not before the early end. */
  readonly notBeforeEarly: number;
  readonly within: number;
  readonly fills: number;
}

/** 20 storages with 60 days of history, asked 14 days before they are full: lines, teeth, and both with noise and a jump. */
export function fillRound(seed: number): FillScore {
  const errors: number[] = [];
  let notBeforeEarly = 0;
  let within = 0;
  for (let index = 0; index < 20; index++) {
    const { usedAt, fullAtS, totalBytes } = plantFill(createRandom(hash(seed, 7000 + index)), index);
    const nowS = fullAtS - 14 * dayS;
    const times = Array.from({ length: 1440 }, (_, step) => nowS - (1439 - step) * 3600);
    const used = { atMs: times.map((atS) => atS * 1000), values: times.map(usedAt) };
    const judged = judgeFilling(
      { ...filling, series: { id: `c/storage/${index}`, metric: "used_bytes" }, used, capacity: totalBytes },
      nowS * 1000,
    );
    const fields = isNotYet(judged) ? undefined : judged[0]?.fields;
    const [likely, early, late] = ["due_at_ms", "due_early_ms", "due_late_ms"].map((name) => fields?.[name]);
    const left = typeof likely === "number" ? (likely / 1000 - nowS) / dayS : Number.POSITIVE_INFINITY;
    errors.push(Math.abs(left - 14) / 14);
    // To the day: an interval without noise is a moment.
    const notEarlier = typeof early === "number" && early <= (fullAtS + dayS) * 1000;
    if (notEarlier) notBeforeEarly++;
    if (notEarlier && (typeof late !== "number" || late >= (fullAtS - dayS) * 1000)) within++;
  }
  return { errors, notBeforeEarly, within, fills: 20 };
}

interface PlantedFill {
  readonly usedAt: (atS: number) => number;
  readonly fullAtS: number;
  readonly totalBytes: number;
}

/** By turns a line, teeth, a noisy line with a restore in it, and noisy teeth. */
function plantFill(random: Random, index: number): PlantedFill {
  const totalBytes = 4e12;
  const volume: SimVolume = {
    totalBytes,
    usedBytes: totalBytes * random.between(0.4, 0.6),
    atS: startS,
    growthBytesPerDay: totalBytes * random.between(0.002, 0.006),
    weeklySawBytes: index % 2 === 1 ? totalBytes * random.between(0.06, 0.15) : 0,
  };
  const noise = index % 4 < 2 ? 0 : random.between(0.002, 0.006) * totalBytes;
  const noiseSeed = random.integer(0, 2 ** 31);
  const jumpAtS = startS + random.integer(20, 40) * dayS;
  const jump = index % 4 === 2 ? totalBytes * random.between(0.06, 0.12) : 0;
  const usedAt = (atS: number): number => {
    const drawn = hash(noiseSeed, Math.floor(atS / 3600)) / 2 ** 31 - 1;
    // The simulator's volumes stand still at 99 %; these go on to be full.
    const roomy = { ...volume, totalBytes: 100 * totalBytes, usedBytes: volume.usedBytes + totalBytes };
    return usedBytes(roomy, atS) - totalBytes + noise * drawn + (atS >= jumpAtS ? jump : 0);
  };
  let fullAtS = startS;
  while (usedAt(fullAtS) < totalBytes) fullAtS += 900;
  return { usedAt, fullAtS, totalBytes };
}

const filling = {
  cluster: "c",
  subject: "c/storage/pve1:local",
  key: "",
  name: "local of pve1",
  fullAt: 1,
  warnAt: null,
  unit: "bytes",
  remedy: "",
} as const;
