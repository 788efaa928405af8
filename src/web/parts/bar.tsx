// A thin bar with its number. Amber from 80 %, red from 90 %; what cannot be measured says so in words, never as an empty bar.
import type { ComponentChildren } from "preact";
import type { Gauge } from "../fleet/measures.ts";
import { formatBytesOf, formatRatio, plural } from "../format.ts";

export function Bar({ gauge, unit }: { readonly gauge: Gauge; readonly unit: "bytes" | "cpus" }) {
  const width = `${Math.min(100, Math.max(0, gauge.ratio * 100))}%`;
  return (
    <span class={`gauge ${gauge.rough ? "rough" : ""}`} title={gaugeWords(gauge, unit)}>
      <span class="bar">
        <span class={`fill ${gauge.level}`} style={{ width }} />
      </span>
      <span class="num">{formatRatio(gauge.ratio)}</span>
    </span>
  );
}

/** The numbers behind a bar and where they come from. */
export function gaugeWords({ detail, note }: Gauge, unit: "bytes" | "cpus"): string {
  const numbers = detail === null ? "" : numberWords(detail, unit);
  return [numbers, note ?? ""].filter((part) => part !== "").join(" · ");
}

const numberWords = ([used, total]: readonly [number, number], unit: "bytes" | "cpus"): string =>
  unit === "bytes"
    ? formatBytesOf(used, total)
    : `${used < 1 ? used.toFixed(2) : used.toFixed(1)} of ${plural(total, "CPU")}`;

export const Faint = ({ children, title }: { readonly children: ComponentChildren; readonly title?: string }) => (
  <span class="faint" title={title}>
    {children}
  </span>
);
