// What the job of capacity leaves and what-if answers, computed by analysis itself on a small cluster.

import type { CapacityInput } from "../../../src/analyse/capacity/cluster-capacity.ts";
import { capacityDocument } from "../../../src/analyse/capacity/cluster-capacity.ts";
import { noPlan } from "../../../src/analyse/capacity/day-effects.ts";
import { whatIf } from "../../../src/analyse/capacity/what-if.ts";
import type { SeriesOutlook } from "../../../src/model/capacity.ts";
import { Scenario, ScenarioChange } from "../../../src/model/scenario.ts";
import { snakeCase } from "../../../src/model/snake-case.ts";
import { aModel, amount, gib, guest, node } from "../../analyse/capacity/a-model.ts";
import type { Fleet } from "./fleet.ts";

const nodes = ["pve1", "pve2", "pve3", "pve4", "pve5", "pve6"];
const local = { shared: [], local: ["local-zfs"], copies: {} };

/** pve1 strands a guest, pve2 restarts all, the others need a hand; memory runs out in some weeks. */
function input(): CapacityInput {
  const guests = Array.from({ length: 30 }, (_, number) =>
    guest(100 + number, nodes[number % 6] ?? "pve1", amount(1.2, 6), {
      id: `demo/guest/${100 + number}~1`,
      name: `web-${100 + number}`,
      ha: number % 6 === 1 || number % 3 === 0,
      ...(number === 6 ? { disks: local } : {}),
      ...(number === 12 ? { disks: { ...local, copies: { pve3: Date.now() - 600_000 } } } : {}),
    }),
  );
  const model = { ...aModel({ nodes: nodes.map((name) => node(name)), guests }), cluster: "demo" };
  return { model, storages: [storage], outlook: { fromMs: Date.now(), series: outlooks() }, nowMs: Date.now() };
}

const storage = {
  backing: "ceph:own ssd",
  kind: "ceph",
  node: null,
  role: "guests",
  storages: ["demo/storage/@ceph-1"],
  totalBytes: 20_000 * gib,
  usedBytes: 9_000 * gib,
  usableBytes: 12_000 * gib,
  notes: ["Room for the largest host is kept free, and Ceph counts as full at 85 %; 3 replicas."],
} as const;

const outlooks = (): Readonly<Record<string, SeriesOutlook>> => ({
  cpu: {
    none: { code: "too_short", reason: "needs 14 days, has 3 days" },
    mean: [],
    upper: [],
    recent: { p95: 30, mean: 22 },
  },
  memory: growing(190 * gib, 2 * gib),
  "storage/ceph:own ssd": growing(9_000 * gib, 10 * gib),
});

function growing(start: number, perDay: number): SeriesOutlook {
  const mean = Array.from({ length: 365 }, (_, day) => start + perDay * day);
  return {
    none: null,
    mean,
    upper: mean.map((value, day) => value + perDay * day * 0.4),
    recent: { p95: start, mean: start },
  };
}

export function fakeCapacity(): Record<string, readonly object[]> {
  const document = capacityDocument(input(), noPlan, { committed: [], notApplicable: [] });
  return {
    "/capacity": [{ name: "demo", at: new Date(Date.now() - 1_500_000).toISOString(), ...snakeCase(document) }],
    "/analyses": [{ name: "capacity", cluster: "demo", at: new Date(Date.now() - 1_500_000).toISOString() }],
    "/scenarios": [],
  };
}

interface Planned {
  readonly method: string;
  readonly path: string;
  readonly body: object;
}

export function answerPlan(fleet: Fleet, { method, path, body }: Planned): object {
  const saved = (fleet.answers["/scenarios"] ?? []) as readonly Scenario[];
  const id = path.split("/")[2] ?? "";
  const keep = (scenarios: readonly object[]): void => {
    fleet.answers = { ...fleet.answers, "/scenarios": scenarios };
  };
  if (path === "/scenarios/answer") return answerOf(saved, body as Question);
  const scenario = { id: id === "" ? `s${saved.length}` : id, cluster: "demo", ends: null, saved_by: "test", ...body };
  const others = saved.filter((each) => each.id !== scenario.id);
  keep(method === "DELETE" ? others : [...others, Scenario.parse(scenario)]);
  return scenario;
}

interface Question {
  readonly scenarios: readonly string[];
  readonly changes: readonly object[];
}

function answerOf(saved: readonly Scenario[], { scenarios, changes }: Question): object {
  const chosen = saved.filter(({ id }) => scenarios.includes(id)).flatMap((scenario) => scenario.changes);
  const asked = [...chosen, ...changes.map((change) => ScenarioChange.parse(change))];
  return snakeCase(whatIf({ ...input(), committed: [], asked, computedAt: Date.now() }));
}
