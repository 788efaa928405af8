// The time range of graphs as it stands in the address: one of PVE's words, or a free range of two moments.

export const presets = ["hour", "day", "week", "month", "year"] as const;
export type Preset = (typeof presets)[number];

export type Range =
  | { readonly preset: Preset }
  | { readonly preset: null; readonly fromMs: number; readonly toMs: number };

const lengthMs: Readonly<Record<Preset, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 31 * 86_400_000,
  year: 366 * 86_400_000,
};

/** How often a range that ends now is fetched again: about once per pixel of it, and never more than every poll. */
export const refreshMs: Readonly<Record<Preset, number>> = {
  hour: 10_000,
  day: 60_000,
  week: 300_000,
  month: 900_000,
  year: 3_600_000,
};

export const defaultRange: Range = { preset: "hour" };

export function parseRange(query: URLSearchParams): Range {
  const preset = presets.find((name) => name === query.get("range"));
  if (preset !== undefined) return { preset };
  const [fromMs, toMs] = [Date.parse(query.get("from") ?? ""), Date.parse(query.get("to") ?? "")];
  return fromMs < toMs ? { preset: null, fromMs, toMs } : defaultRange;
}

export function printRange(range: Range): Record<"range" | "from" | "to", string | null> {
  if (range.preset !== null)
    return { range: range.preset === defaultRange.preset ? null : range.preset, from: null, to: null };
  // Whole seconds: nobody selects finer, and the link stays readable.
  const iso = (ms: number): string => new Date(Math.round(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return { range: null, from: iso(range.fromMs), to: iso(range.toMs) };
}

export const spanOf = (range: Range, nowMs: number): { readonly fromMs: number; readonly toMs: number } =>
  range.preset === null ? range : { fromMs: nowMs - lengthMs[range.preset], toMs: nowMs };
