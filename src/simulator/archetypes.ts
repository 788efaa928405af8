// The kinds of guests, each with curves that a later analysis should recognise and the truth about what was planted.
import type { Anomaly, Archetype, GuestTruth, NoisyHours } from "./entities.ts";
import { plantLeak } from "./memory-leak.ts";
import { createRandom, type Random } from "./random.ts";
import { createSignal, type Segment, type Signal } from "./signal.ts";

const dayS = 86_400;

/** How many of a hundred guests are of each kind; the rest are services. */
const shares: readonly (readonly [Archetype, number])[] = [
  ["batch", 10],
  ["idle", 12],
  ["oversized", 10],
  ["throttled", 4],
  ["level-shift", 6],
  ["growing", 6],
  ["anomalous", 6],
  ["memory-leak", 2],
  ["noisy-neighbour", 2],
  ["powered-off", 4],
  ["template", 2],
];

/** One archetype per guest: every kind occurs as soon as there are some twenty guests. */
export function assignArchetypes(count: number, random: Random): readonly Archetype[] {
  const list: Archetype[] = [];
  for (const [archetype, share] of shares) {
    const wanted = Math.max(count >= 20 ? 1 : 0, Math.round((count * share) / 100));
    for (let i = 0; i < wanted; i++) list.push(archetype);
  }
  while (list.length < count) list.push("service");
  return list
    .slice(0, count)
    .map((archetype) => ({ archetype, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map((entry) => entry.archetype);
}

interface Shape {
  readonly weekly: readonly number[];
  readonly daily: number;
  readonly noise: number;
}

export interface Curves {
  readonly cpu: Signal;
  readonly io: Signal;
  readonly memory: Signal;
  readonly truth: Omit<GuestTruth, "disk_growth_bytes_per_day">;
}

/** The curves of one guest; planted dates lie around `anchorS`. */
export function createCurves(archetype: Archetype, seed: number, anchorS: number, memoryBytes: number): Curves {
  const random = createRandom(seed);
  const noisy = archetype === "noisy-neighbour" ? plantNoise(random) : null;
  const cpu = cpuShape(archetype, random, noisy);
  const shifts = archetype === "level-shift" ? [plantShift(random, anchorS)] : [];
  const anomalies = archetype === "anomalous" ? plantAnomalies(random, anchorS) : [];
  const segments = [...shifts.map(shiftSegment), ...anomalySegments(anomalies)];
  const memoryMean = memoryLevel(archetype, random);
  const leak = archetype === "memory-leak" ? plantLeak(random, anchorS, memoryMean, memoryBytes) : null;
  return {
    cpu: createSignal({ seed: seed ^ 101, ...cpu, segments }),
    io: createSignal({ seed: seed ^ 211, ...(noisy === null ? ioShape(cpu, random) : bursts(noisy)), segments }),
    memory: createSignal({ seed: seed ^ 307, ...memoryShape(cpu, memoryMean), segments: leak?.segments ?? [] }),
    truth: {
      archetype,
      cpu_mean: mean(cpu.weekly),
      cpu_peak: Math.max(...cpu.weekly),
      mem_mean: memoryMean,
      level_shifts: shifts,
      anomalies,
      memory_leak: leak?.truth ?? null,
      noisy,
    },
  };
}

/** A leak begins low, so that it has far to rise. */
function memoryLevel(archetype: Archetype, random: Random): number {
  if (archetype === "oversized") return random.between(0.1, 0.22);
  return archetype === "memory-leak" ? random.between(0.3, 0.4) : random.between(0.35, 0.8);
}

function cpuShape(archetype: Archetype, random: Random, noisy: NoisyHours | null): Shape {
  switch (archetype) {
    case "noisy-neighbour":
      return { weekly: inHours(noisy?.hours_utc ?? [], 0.45, 0.08), daily: 0.05, noise: 0.3 };
    case "memory-leak":
    case "service":
    case "level-shift":
    case "growing":
    case "anomalous": {
      const peak = archetype === "level-shift" ? random.between(0.2, 0.35) : random.between(0.18, 0.6);
      return { weekly: officeHours(peak, peak * random.between(0.15, 0.3)), daily: 0.12, noise: 0.35 };
    }
    case "batch":
      return { weekly: nightly(random.between(0.55, 0.75), 0.03, random.integer(0, 3)), daily: 0.08, noise: 0.2 };
    case "idle":
    case "powered-off":
    case "template":
      return { weekly: flat(random.between(0.004, 0.015)), daily: 0.1, noise: 0.6 };
    case "oversized":
      return { weekly: officeHours(random.between(0.04, 0.08), 0.02), daily: 0.1, noise: 0.4 };
    case "throttled":
      return { weekly: flat(0.97), daily: 0, noise: 0.03 };
  }
}

function officeHours(peak: number, base: number): readonly number[] {
  return hoursOfWeek((weekday, hour) => {
    const bell = Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI));
    const lunch = hour === 12 ? 0.85 : 1;
    const day = weekday < 5 ? 1 : 0.25;
    return base + (peak - base) * bell * lunch * day;
  });
}

const nightly = (peak: number, base: number, startHour: number): readonly number[] =>
  hoursOfWeek((_, hour) => (hour > startHour && hour <= startHour + 3 ? peak : base));

const flat = (value: number): readonly number[] => hoursOfWeek(() => value);

const hoursOfWeek = (value: (weekday: number, hour: number) => number): readonly number[] =>
  Array.from({ length: 168 }, (_, index) => value(Math.floor(index / 24), index % 24));

const inHours = (hours: readonly number[], high: number, low: number): readonly number[] =>
  hoursOfWeek((_, hour) => (hours.includes(hour) ? high : low));

const bursts = ({ hours_utc }: NoisyHours): Shape => ({
  weekly: inHours(hours_utc, 0.9, 0.04),
  daily: 0.02,
  noise: 0.05,
});

/** Two stretches a day; a profile joins hours by lines, so three full hours make two at the top. */
function plantNoise(random: Random): NoisyHours {
  const first = random.integer(7, 10);
  const stretch = (from: number): readonly number[] => [from, from + 1, from + 2];
  return { hours_utc: [...stretch(first), ...stretch(first + 7)], iowait: random.between(0.14, 0.22) };
}

const ioShape = (cpu: Shape, random: Random): Shape => {
  const base = random.between(0.02, 0.1);
  return { weekly: cpu.weekly.map((value) => base + value * 0.4), daily: 0.15, noise: 0.7 / 1.5 };
};

/** Memory follows the CPU only a little: caches and heaps stay. */
const memoryShape = (cpu: Shape, level: number): Shape => {
  const middle = mean(cpu.weekly);
  return { weekly: cpu.weekly.map((value) => level * (1 + 0.12 * (value - middle))), daily: 0.01, noise: 0.03 };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const plantShift = (random: Random, anchorS: number): { at_s: number; factor: number } => ({
  at_s: anchorS - random.integer(5, 60) * dayS + random.integer(8, 18) * 3600,
  factor: random.next() < 0.7 ? random.between(1.6, 1.9) : random.between(0.3, 0.5),
});

const shiftSegment = (shift: { at_s: number; factor: number }): Segment => ({
  fromS: shift.at_s,
  factor: shift.factor,
  offset: 0,
});

/** One anomaly about every nine days, from two months before the anchor to one month after it. */
function plantAnomalies(random: Random, anchorS: number): readonly Anomaly[] {
  const anomalies: Anomaly[] = [];
  for (let day = -60; day < 30; day += random.integer(6, 12)) {
    const kind = random.pick(["spike", "drop", "stuck"] as const);
    const from_s = anchorS + day * dayS + random.integer(9, 16) * 3600 + random.integer(0, 59) * 60;
    const minutes = kind === "stuck" ? random.integer(240, 480) : random.integer(20, 120);
    anomalies.push({ kind, from_s, to_s: from_s + minutes * 60 });
  }
  return anomalies;
}

const anomalyLevels = {
  spike: { factor: 0.3, offset: 0.65 },
  drop: { factor: 0.05, offset: 0 },
  stuck: { factor: 0, offset: 0.2 },
} as const;

const anomalySegments = (anomalies: readonly Anomaly[]): readonly Segment[] =>
  anomalies.flatMap((anomaly) => [
    { fromS: anomaly.from_s, ...anomalyLevels[anomaly.kind] },
    { fromS: anomaly.to_s, factor: 1, offset: 0 },
  ]);
