// How long a what-if takes on 32 nodes and 2,000 guests: asked of the analysis thread of a real service, through its port.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAnalysis } from "../src/app/analysis/open-analysis.ts";
import { systemClock } from "../src/lib/clock.ts";
import { silentLog } from "../src/lib/log.ts";
import { FactBook } from "../src/live/fact-book.ts";
import { Fleet } from "../src/live/fleet.ts";
import type { AnalysisPort } from "../src/model/analysis.ts";
import { defaultAnalysisChoices } from "../src/model/analysis-settings.ts";
import { guestEntityId } from "../src/model/ids.ts";
import type { WhatIfAnswer } from "../src/model/what-if.ts";
import { openState, openStore } from "../src/store/index.ts";
import { cluster, guestCount, nodeCount } from "./analysis-data.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { nodeName, tellFacts, vmid, whatIfFleet } from "./whatif-fleet.ts";

const rounds = 15;

export const whatif: Benchmark = {
  name: "whatif",
  summary: `what-if answers on ${nodeCount} nodes and ${guestCount} guests`,
  run: () => inService(figures),
};

async function inService<Result>(work: (port: AnalysisPort) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), "pilothouse-whatif-"));
  const nowMs = systemClock.now();
  const { entities, latest, needs, outlook } = whatIfFleet(nowMs);
  const [fleet, book] = [new Fleet(systemClock), new FactBook()];
  fleet.restore(entities, latest);
  tellFacts(book, entities, nowMs);
  const state = await openState({ path: join(directory, "state.db"), clock: systemClock });
  const problems = { raise: () => undefined, clear: () => undefined };
  const store = await openStore({ dataDir: directory, log: silentLog, problems });
  const settings = { ...defaultAnalysisChoices, clusters: [{ id: cluster, name: "Bench", costModel: null }] };
  const { analyst, port } = await openAnalysis({
    fleet,
    book,
    state,
    store,
    settings,
    clock: systemClock,
    log: silentLog,
  });
  try {
    await port.keep({ name: "capacity-needs", cluster, key: "", body: needs });
    await port.keep({ name: "capacity-outlook", cluster, key: "", body: outlook });
    return await work(port);
  } finally {
    await analyst.close();
    await store.close();
    await state.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const scenarios: Readonly<Record<string, readonly object[]>> = {
  "lose a node": [{ change: "lose_node", node: nodeName(0) }],
  "retire two nodes, add one": [
    { change: "remove_node", node: nodeName(0) },
    { change: "remove_node", node: nodeName(1) },
    { change: "add_nodes", count: 1, like: nodeName(2) },
  ],
  "add 300 guests like one": [{ change: "add_guests", count: 300, like: guestEntityId(cluster, vmid(0), 1) }],
  "15 % more demand": [{ change: "grow_demand", percent: 15 }],
  "40 % more demand, nothing fits": [{ change: "grow_demand", percent: 40 }],
};

async function figures(port: AnalysisPort): Promise<readonly Figure[]> {
  // The thread runs since the service began: its start is no part of an answer.
  await answerMs(port, []);
  const found: Figure[] = [];
  const cpu = process.cpuUsage();
  for (const [name, changes] of Object.entries(scenarios)) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await answerMs(port, changes));
    times.sort((a, b) => a - b);
    const median = times[Math.floor(rounds / 2)] ?? 0;
    found.push({ name: `${name}, median`, value: median, unit: "ms", must: "<= 2000", aim: "<= 300" });
    found.push({ name: `${name}, slowest of ${rounds}`, value: times.at(-1) ?? 0, unit: "ms", must: "<= 2000" });
  }
  const { user, system } = process.cpuUsage(cpu);
  const answers = rounds * Object.keys(scenarios).length;
  return [...found, { name: "processor time of an answer, mean", value: (user + system) / 1e3 / answers, unit: "ms" }];
}

async function answerMs(port: AnalysisPort, changes: readonly object[]): Promise<number> {
  const begun = performance.now();
  const { failures } = await port.ask<WhatIfAnswer>("what-if", { cluster, changes });
  const took = performance.now() - begun;
  if (failures.length < nodeCount) throw new Error("an answer of the benchmark did not judge every node");
  return took;
}
