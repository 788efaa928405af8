// The benchmark of one cluster: every node and guest among its class, and against itself four weeks ago.
import type { BenchmarkRow, ClassBenchmarkDocument } from "../../model/class-benchmark.ts";
import type { LiveEntity } from "../../model/fleet.ts";
import type { ClusterId } from "../../model/ids.ts";
import { median } from "../anomaly/index.ts";
import type { AnalysisContext } from "../context.ts";
import { type Classed, classed, fewestMembers } from "./classes.ts";
import { type Measure, measures, percentilesOf } from "./measures.ts";
import { percentileRanks } from "./ranks.ts";

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

export async function benchmarkOf(
  { fleet, store, nowMs }: Pick<AnalysisContext, "fleet" | "store" | "nowMs">,
  cluster: ClusterId,
): Promise<ClassBenchmarkDocument> {
  // Whole days, which is what sketches have.
  const toMs = Math.floor(nowMs / dayMs) * dayMs;
  const now = { fromMs: toMs - weekMs, toMs };
  const past = { fromMs: now.fromMs - 4 * weekMs, toMs: toMs - 4 * weekMs };
  const rows: BenchmarkRow[] = [];
  for (const kind of ["node", "guest"] as const) {
    const things = classed(fleet.list(kind).filter((live) => live.entity.cluster === cluster && !isTemplate(live)));
    const ids = things.map(({ live }) => live.entity.id);
    for (const measure of measures.filter((each) => each.kind === kind)) {
      const values = await percentilesOf(store, ids, measure, now);
      const before = await percentilesOf(store, ids, measure, past);
      rows.push(...rowsOf(measure, things, values, before));
    }
  }
  return { ...now, pastFromMs: past.fromMs, pastToMs: past.toMs, rows };
}

const isTemplate = ({ entity }: LiveEntity): boolean => entity.kind === "guest" && entity.template;

interface Measured {
  readonly thing: Classed;
  readonly value: number;
  readonly past: number | null;
}

function rowsOf(
  measure: Measure,
  things: readonly Classed[],
  values: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): readonly BenchmarkRow[] {
  const measured = things.flatMap((thing): readonly Measured[] => {
    const { id } = thing.live.entity;
    const value = inMeasure(measure, thing.live, values.get(id));
    return value === null ? [] : [{ thing, value, past: inMeasure(measure, thing.live, before.get(id)) }];
  });
  const byClass = new Map<string | null, Measured[]>();
  for (const each of measured) {
    const members = byClass.get(each.thing.class);
    if (members === undefined) byClass.set(each.thing.class, [each]);
    else members.push(each);
  }
  return [...byClass].flatMap(([name, members]) => rowsOfClass(measure, name, members));
}

function rowsOfClass(measure: Measure, name: string | null, members: readonly Measured[]): readonly BenchmarkRow[] {
  const values = members.map(({ value }) => value);
  const isKnown = name !== null && members.length >= fewestMembers;
  const ranks = isKnown ? percentileRanks(values) : [];
  const classMedian = isKnown ? median(values) : null;
  const { kind, metric, share, percentile } = measure;
  return members.map(({ thing, value, past }, place) => ({
    subject: thing.live.entity.id,
    name: thing.live.entity.name,
    kind,
    metric,
    share,
    percentile,
    value,
    class: isKnown ? name : null,
    members: name === null ? thing.members : members.length,
    rank: ranks[place] ?? null,
    classMedian,
    past,
  }));
}

/** Of its own memory, where that is known. */
function inMeasure({ share }: Measure, { values }: LiveEntity, value: number | undefined): number | null {
  if (value === undefined) return null;
  if (!share) return value;
  const total = values["mem_total_bytes"];
  return total === undefined || total <= 0 ? null : value / total;
}
