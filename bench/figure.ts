// A measured number with the bounds it is held to, and the two ways to print a benchmark.
import { arch, cpus, platform, totalmem } from "node:os";

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** A bound such as "<= 10": `must` decides, `aim` is what we would like. */
  readonly must?: string;
  readonly aim?: string;
}

export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  readonly run: () => Promise<readonly Figure[]>;
}

const machine = (): string => {
  const model = cpus()[0]?.model.trim() ?? "unknown CPU";
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
};

/** True when there is no `must` or the value keeps it. */
export function isKept({ value, must }: Figure): boolean {
  if (must === undefined) return true;
  const [operator, bound = ""] = must.split(" ");
  return operator === "<=" ? value <= Number(bound) : value >= Number(bound);
}

export function printTable(bench: string, figures: readonly Figure[]): void {
  const rows = figures.map((figure) => [
    figure.name,
    `${round(figure.value)} ${figure.unit}`,
    figure.must ?? "",
    isKept(figure) ? "" : "MISSED",
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  console.log(`${bench} · ${new Date().toISOString()} · ${machine()}`);
  for (const [name = "", value = "", must = "", verdict = ""] of rows) {
    console.log(
      `  ${name.padEnd(width(0))}  ${value.padStart(width(1))}  ${must.padEnd(width(2))}  ${verdict}`.trimEnd(),
    );
  }
}

export function printJson(bench: string, figures: readonly Figure[]): void {
  const all = figures.map((figure) => ({ ...figure, value: round(figure.value), ok: isKept(figure) }));
  console.log(JSON.stringify({ bench, date: new Date().toISOString(), machine: machine(), figures: all }));
}

export const round = (value: number): number => Number(value.toPrecision(4));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
