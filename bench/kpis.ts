// The job `kpis` over a month of two thousand guests: what it costs the analysis thread, and what it leaves behind.
import { jobs } from "../src/analyse/index.ts";
import { silentLog } from "../src/lib/log.ts";
import { Fleet } from "../src/live/fleet.ts";
import { defaultAnalysisChoices } from "../src/model/analysis-settings.ts";
import { openStore } from "../src/store/index.ts";
import { aCluster, aGuest, aNode } from "../test/build.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { fleetData, guestCount } from "./fleet-data.ts";

const rounds = 3;

export const kpis: Benchmark = {
  name: "kpis",
  summary: "utilization and key figures of a month of 2,000 guests",
  run: async () => {
    const data = await fleetData(Date.now(), (line) => console.error(line));
    const clock = { now: () => data.endMs, monotonic: () => performance.now(), sleep: () => Promise.resolve() };
    const fleet = new Fleet(clock);
    const store = await openStore({ dataDir: data.directory, log: silentLog, problems: fleet.problemList });
    const tags = ["web", "db", "test", "prod", "batch"];
    const guests = Array.from({ length: guestCount }, (_, i) =>
      aGuest("bench", 100 + i, data.endMs, {
        node: `pve${1 + (i % 16)}`,
        pool: `pool${i % 20}`,
        tags: [tags[i % 5] ?? "", `team-${i % 30}`],
      }),
    );
    const nodes = Array.from({ length: 16 }, (_, i) => aNode("bench", `pve${i + 1}`, data.endMs));
    fleet.restore(
      [aCluster("bench", data.endMs), ...nodes, ...guests],
      [...(await store.latest("guest", data.endMs - 600_000))],
    );
    const job = jobs.find(({ id }) => id === "kpis");
    if (job === undefined) throw new Error("there is no job kpis");
    let [best, bytes] = [Number.POSITIVE_INFINITY, 0];
    for (let round = 0; round < rounds; round++) {
      const begin = performance.now();
      const outcome = await job.run({
        nowMs: data.endMs,
        fleet,
        facts: { list: () => [] },
        settings: { ...defaultAnalysisChoices, clusters: [{ id: "bench", name: "bench", costModel: null }] },
        store,
        events: { query: () => Promise.resolve([]) },
        history: { changes: () => Promise.resolve([]) },
        findings: {
          list: () => Promise.resolve([]),
          find: () => Promise.resolve(undefined),
          changes: () => Promise.resolve([]),
        },
        documents: { list: () => Promise.resolve([]) },
        threads: 1,
        progress: () => undefined,
      });
      best = Math.min(best, performance.now() - begin);
      bytes = Buffer.byteLength(JSON.stringify(outcome.documents));
    }
    await store.close();
    return [
      { name: "kpis_2000_guests_30d", value: best / 1000, unit: "s", must: "<= 60", aim: "<= 15" },
      { name: "documents", value: bytes / 1e6, unit: "MB" },
    ] satisfies Figure[];
  },
};
