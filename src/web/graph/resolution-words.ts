// What stands under a graph: how fine its points are and where they come from, so that nobody reads an average as a sample.
import { formatClock, formatDay, formatResolution } from "../format.ts";
import type { Stretch } from "./graph-data.ts";

const aggregationWords: Readonly<Record<string, string>> = {
  avg: "averages",
  min: "minima",
  max: "maxima",
  last: "values",
  sum: "sums",
};

/** `10 s samples` · `30-minute averages from PVE's RRD until 22 Nov 14:00, then 10 s samples`. Empty without points. */
export function resolutionWords(stretches: readonly Stretch[], agg: string, sampleSeconds: number): string {
  const parts = joined(stretches).map((stretch) => words(stretch, agg, sampleSeconds));
  const [first, ...rest] = stretches.length === 0 ? [] : parts;
  if (first === undefined) return "";
  if (rest.length === 0) return first;
  const changes = joined(stretches).slice(1);
  if (rest.length > 2) return [...new Set(parts)].join(", ");
  return rest.reduce(
    (text, part, index) => `${text} until ${momentWords(changes[index]?.fromMs ?? 0)}, then ${part}`,
    first,
  );
}

/** Neighbours that would be described by the same words become one. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const out: Stretch[] = [];
  for (const stretch of stretches) {
    const last = out.at(-1);
    const same =
      last !== undefined &&
      last.imported === stretch.imported &&
      formatResolution(last.resolutionSeconds) === formatResolution(stretch.resolutionSeconds);
    if (same) out[out.length - 1] = { ...last, toMs: stretch.toMs };
    else out.push(stretch);
  }
  return out;
}

function words({ resolutionSeconds, imported }: Stretch, agg: string, sampleSeconds: number): string {
  const size = formatResolution(resolutionSeconds);
  const kind = aggregationWords[agg] ?? "values";
  if (imported) return `${size} ${kind} from PVE's RRD`;
  return resolutionSeconds <= sampleSeconds
    ? `${size} samples`
    : `${size} ${kind} of ${formatResolution(sampleSeconds)} samples`;
}

const momentWords = (ms: number): string => `${formatDay(ms)} ${formatClock(ms)}`;
