// Storage: each backing once, and all that hold guests together. What counts as full is src/analyse/supply's rule.
import type { CapacityLine, CapacityOutlook, SeriesOutlook } from "../../model/capacity.ts";
import { parseEntityId } from "../../model/ids.ts";
import type { BackingSupply } from "../supply/index.ts";
import { peakOf } from "./compute-lines.ts";
import type { DayEffects } from "./day-effects.ts";
import type { Effects } from "./effects.ts";
import { outlookSeries } from "./outlook.ts";
import { timeRemaining } from "./time-remaining.ts";

export const backingSeries = ({ backing }: Pick<BackingSupply, "backing">): string => `storage/${backing}`;

export function storageLine(
  backing: BackingSupply,
  outlook: CapacityOutlook | null,
  effects: DayEffects,
): CapacityLine {
  const series = outlookSeries(outlook, backingSeries(backing));
  const on = ({ diskOn }: Pick<Effects, "diskOn">): number =>
    namesOf(backing).reduce((bytes, name) => bytes + (diskOn[name] ?? 0), 0);
  return lineOf({
    total: backing.totalBytes,
    usable: backing.usableBytes,
    used: backing.usedBytes,
    notes: backing.notes,
    series,
    reserved: on(effects.reserved),
    asked: on(effects.today) - on(effects.reserved),
    termsOn: (day) => ({ usable: backing.usableBytes ?? 0, extra: on(effects.on(day)), growth: 1 }),
  });
}

/** `local` of an id `lab/storage/pve1:local`, `nfs` of `lab/storage/@nfs`. */
const namesOf = ({ storages }: BackingSupply): readonly string[] => [
  ...new Set(storages.map((id) => (parseEntityId(id)?.key ?? "").replace(/^[^:@]*[:@]/, ""))),
];

/** Those that hold disks of guests, together. */
export function allStorageLine(
  backings: readonly BackingSupply[],
  outlook: CapacityOutlook | null,
  effects: DayEffects,
): CapacityLine | null {
  const all = backings.filter(({ role }) => role === "guests");
  if (all.length === 0) return null;
  const usableIn = ({ gone, storageBytes }: Effects): number =>
    storageBytes + total(all.filter(({ node }) => node === null || !gone.includes(node)).map((one) => one.usableBytes));
  const { today, reserved } = effects;
  return lineOf({
    total: total(all.map(({ totalBytes }) => totalBytes)) + today.storageBytes,
    usable: usableIn(today),
    used: total(all.map(({ usedBytes }) => usedBytes)),
    notes: [],
    series: together(all, outlook),
    reserved: reserved.diskBytes,
    asked: today.diskBytes - reserved.diskBytes,
    termsOn: (day) => {
      const then = effects.on(day);
      return { usable: usableIn(then), extra: then.diskBytes, growth: 1 };
    },
  });
}

interface LineParts {
  readonly total: number | null;
  readonly usable: number | null;
  readonly used: number | null;
  readonly notes: readonly string[];
  readonly series: SeriesOutlook | null;
  readonly reserved: number;
  readonly asked: number;
  readonly termsOn: Parameters<typeof timeRemaining>[1];
}

function lineOf({ total: size, usable, used, notes, series, reserved, asked, termsOn }: LineParts): CapacityLine {
  // A storage does not shrink by itself from one peak to the next: what is in use now is the least that is needed.
  const found = peakOf(series?.none === null ? series : null, {
    peak: used,
    peakFrom: used === null ? "none" : "newest",
  });
  const base = found.peak === null || used === null ? found.peak : Math.max(found.peak, used);
  const peak = base === null ? null : base + asked;
  return {
    resource: "storage",
    total: size,
    reserve: 0,
    overhead: size === null || usable === null ? 0 : Math.max(0, size - usable),
    usable,
    peak,
    peakFrom: found.peakFrom,
    mean: series?.recent?.mean ?? null,
    reserved,
    remaining: usable === null || peak === null ? null : usable - peak - reserved,
    time:
      usable === null
        ? { state: "none", code: "no_size", reason: "its size is not known" }
        : timeRemaining(series, termsOn, base),
    notes,
  };
}

const total = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** The sum of the forecasts; what is constant goes on as it is. Sums of upper ends lie on the safe side. */
function together(backings: readonly BackingSupply[], outlook: CapacityOutlook | null): SeriesOutlook | null {
  const each = backings.map((backing) => ({ backing, series: outlookSeries(outlook, backingSeries(backing)) }));
  const horizon = Math.max(0, ...each.map(({ series }) => series?.mean.length ?? 0));
  const missing = each.find(
    ({ series }) => series === null || (series.none !== null && series.none.code !== "constant"),
  );
  if (missing !== undefined || horizon === 0) {
    const reason = missing?.series?.none?.reason ?? "its history is not kept";
    const code = missing?.series?.none?.code ?? "no_data";
    const what = missing === undefined ? "" : `${missing.backing.backing}: `;
    return { none: { code, reason: `${what}${reason}` }, mean: [], upper: [], recent: null };
  }
  const add = (end: "mean" | "upper"): readonly number[] =>
    Array.from({ length: horizon }, (_, day) =>
      each.reduce((sum, { backing, series }) => sum + (series?.[end][day] ?? backing.usedBytes ?? 0), 0),
    );
  return { none: null, mean: add("mean"), upper: add("upper"), recent: null };
}
