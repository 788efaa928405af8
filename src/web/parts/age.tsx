// How old a live value is. Over three periods it is stale and says so.
import { now } from "../clock.ts";
import { momentOf } from "../fleet/item.ts";
import { formatAge, formatMoment } from "../format.ts";

const stalePeriods = 3;

export const isStale = (atMs: number, periodSeconds: number, nowMs: number): boolean =>
  nowMs - atMs > stalePeriods * periodSeconds * 1000;

export function Age({ at, period }: { readonly at: string | null; readonly period: number }) {
  const ms = momentOf(at);
  if (ms === null) return <span class="age">–</span>;
  const stale = isStale(ms, period, now.value);
  return (
    <span
      class={stale ? "age stale" : "age"}
      title={`${formatMoment(ms)}${stale ? ` · expected every ${period} s` : ""}`}
    >
      {formatAge((now.value - ms) / 1000)}
    </span>
  );
}
