// What the job of key figures leaves, as the API shows it: the worked examples of the catalogue, and a table of some lines.
import { type Kpi, kpiCatalogue } from "../../../src/model/kpi-catalogue.ts";
import { linesOfCluster, linesOfFleet } from "../../../src/model/kpi-lines.ts";
import type { KpiMeasure, KpisDocument, ResourceUse, UtilizationItem } from "../../../src/model/kpis.ts";
import { kpiItem } from "../../../src/serve/items/kpi-item.ts";
import { utilizationRow } from "../../../src/serve/items/utilization-item.ts";

const hour = 3_600_000;
const gib = 2 ** 30;

const measureOf = ({ id, example }: Kpi): KpiMeasure =>
  id === "recoverability"
    ? { id, inputs: {}, coverage: null, state: "needs the backups on storages, has none" }
    : { id, inputs: example.inputs, coverage: 1, state: null };

const kpisOf = (): KpisDocument => ({
  fromMs: Date.now() - 720 * hour,
  toMs: Date.now(),
  timeZone: "UTC",
  weights: { perCoreHour: 7.5, perGibHour: 1, source: "usual ratio of list prices" },
  scopes: [
    { type: "cluster", key: "", guests: 120, measures: kpiCatalogue.map(measureOf) },
    {
      type: "pool",
      key: "prod",
      guests: 40,
      measures: kpiCatalogue.filter(({ scopes }) => scopes === "all").map(measureOf),
    },
  ],
});

const use = (capacity: number, share: number): ResourceUse => ({
  capacity,
  allocated: capacity,
  avg: capacity * share * 0.6,
  p50: capacity * share * 0.5,
  p95: capacity * share,
  p99: capacity * share * 1.05,
  max: capacity * share * 1.1,
  businessP95: capacity * share * 0.9,
  of: "samples",
});

const young: Pick<UtilizationItem, "coverage" | "state"> = { coverage: 0.1, state: "needs 24 of 30 days, has 3" };

const items = Array.from(
  { length: 14 },
  (_, n): UtilizationItem => ({
    type: "guest",
    cluster: "demo",
    id: `demo/guest/${100 + n}~1`,
    name: n === 3 ? "database-with-a-rather-long-name" : `web-${n}`,
    node: `pve${1 + (n % 6)}`,
    guests: 1,
    coverage: 1,
    state: null,
    cpu: use(2 + (n % 4), ((n * 7) % 10) / 10),
    memory: use(8 * gib, ((n * 3) % 11) / 10),
    memorySource: "host",
    disk: { usedBytes: null, allocatedBytes: 32 * gib },
    efficiency: 0.1 + n / 20,
    ...(n === 5 ? young : {}),
  }),
);

export function fakeUtilization(): Record<string, readonly object[]> {
  const document = { cluster: "demo", body: kpisOf() };
  const at = new Date(Date.now() - hour / 2).toISOString();
  return {
    "/kpis": [...linesOfFleet([document]), ...linesOfCluster(document)].map(kpiItem),
    "/utilization": items.map((item) => utilizationRow(item, Date.now() - 720 * hour, Date.now())),
    "/analyses": [
      { name: "kpis", cluster: "demo", at },
      { name: "utilization", cluster: "demo", at },
    ],
  };
}
