// Who is unlike its class: the modified z-score of each measure among members, told where the difference matters.
import type { BenchmarkRow } from "../../model/class-benchmark.ts";
import type { Finding } from "../../model/finding.ts";
import type { ClusterId } from "../../model/ids.ts";
import { comparePeers } from "../anomaly/index.ts";
import { formatValue, watchedMetric } from "../anomaly-watch/watched-metrics.ts";

/** Shares of memory, which have no least difference of their own. */
const leastShare = 0.15;
/** "All VMs" are no peers: they differ by what they are for. */
const tooWide = /^(?:VMs|containers|nodes)$/;

export interface Compared {
  readonly cluster: ClusterId;
  readonly rows: readonly BenchmarkRow[];
  readonly fromMs: number;
  readonly toMs: number;
}

export function outlierFindings({ rows, ...of }: Compared): readonly Finding[] {
  const groups = new Map<string, BenchmarkRow[]>();
  for (const row of rows) {
    if (row.class === null || tooWide.test(row.class)) continue;
    const key = `${row.class} ${row.metric}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].flatMap((group) => outliersOf(group, of));
}

function outliersOf(group: readonly BenchmarkRow[], of: Omit<Compared, "rows">): readonly Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const scale = scaleOf(first);
  const compared = comparePeers(group.map((row) => ({ id: row.subject, value: scale.to(row.value) })));
  if (compared.state !== "ready") return [];
  const [middle, low, high] = [compared.median, compared.low, compared.high].map((value) => scale.from(value));
  const bySubject = new Map(group.map((row) => [row.subject, row]));
  return compared.outliers.flatMap(({ id, score }) => {
    const row = bySubject.get(id);
    if (row === undefined || Math.abs(row.value - (middle ?? 0)) < scale.least) return [];
    return [findingOf(row, of, { score, middle: middle ?? 0, low: Math.max(0, low ?? 0), high: high ?? 0 })];
  });
}

/** Rates of peers differ by factors, so they are compared as logarithms; ratios as they are. */
function scaleOf({ kind, metric, share }: BenchmarkRow) {
  const least = share ? leastShare : (watchedMetric(kind, metric)?.least ?? 0);
  const isRate = metric.endsWith("_per_second");
  if (!isRate) return { least, to: (value: number) => value, from: (value: number) => value };
  return { least, to: (value: number) => Math.log(value + least), from: (value: number) => Math.exp(value) - least };
}

interface Comparison {
  readonly score: number;
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

function findingOf(row: BenchmarkRow, { cluster, fromMs, toMs }: Omit<Compared, "rows">, by: Comparison): Finding {
  const { subject, name, kind, metric, percentile, value, members } = row;
  const words = (each: number): string => valueWords(row, each);
  const what = `${watchedMetric(kind, metric)?.words ?? metric} of ${name} (${subject})`;
  const peers = `${members - 1} other ${row.class ?? ""} have ${words(by.low)} to ${words(by.high)}`;
  const numbers = { value, median: by.middle, low: by.low, high: by.high, modified_z: by.score, peers: members - 1 };
  return {
    kind: "peer-outlier",
    cluster,
    subject,
    key: metric,
    severity: "info",
    certainty: "measured",
    message: `${what} is ${words(value)} (${statistic(percentile)} of seven days), where ${peers} as a rule.`,
    remedy: null,
    evidence: [
      { what: `${statistic(percentile)}, seven days`, series: { id: subject, metric }, fromMs, toMs, numbers },
    ],
    formula: `modified z = 0.6745 × (x − median) / MAD${metric.endsWith("_per_second") ? " of ln(x + least)" : ""}, told beyond ±3.5`,
    fields: { metric, class: row.class, ...numbers },
  };
}

const statistic = (percentile: number): string => (percentile === 0.5 ? "median" : `p${percentile * 100}`);

const valueWords = ({ kind, metric, share }: BenchmarkRow, value: number): string =>
  share ? `${(value * 100).toFixed(1)} % of its memory` : formatValue({ kind, metric }, value);
