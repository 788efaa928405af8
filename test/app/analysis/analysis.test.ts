// The analysis thread over a real store and a real state database.

import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openAnalysis } from "../../../src/app/analysis/open-analysis.ts";
import { Housekeeping } from "../../../src/app/housekeeping.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { FactBook } from "../../../src/live/fact-book.ts";
import { Fleet } from "../../../src/live/fleet.ts";
import { defaultAnalysisChoices } from "../../../src/model/analysis-settings.ts";
import { blocksFromRows, type Row } from "../../../src/model/batch.ts";
import type { GrowthDocument } from "../../../src/model/growth.ts";
import { parseEntityId } from "../../../src/model/ids.ts";
import type { MetricsStore } from "../../../src/model/store.ts";
import { openState, openStore, type StoreControl } from "../../../src/store/index.ts";
import { aCluster, aFinding, aStorage } from "../../build.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";

const hour = 3_600_000;
const problems = { raise: () => undefined, clear: () => undefined };

/** A storage that grows by a GiB an hour for ten days. */
const growing = (nowMs: number): Row[] =>
  Array.from({ length: 240 }, (_, index) => ({
    id: "lab/storage/@nfs",
    ts: Math.floor(nowMs / hour) * hour - (240 - index) * hour,
    stepS: 3600,
    origin: "rrd-avg",
    node: null,
    values: { used_bytes: 2 ** 30 * (100 + index) },
  }));

async function aService(dataDir: string) {
  const fleet = new Fleet(systemClock);
  const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
  const store = await openStore({ dataDir, log: silentLog, problems });
  const analysis = await openAnalysis({
    fleet,
    state,
    store,
    book: new FactBook(),
    settings: { ...defaultAnalysisChoices, clusters: [{ id: "lab", name: "Lab", costModel: null }] },
    clock: systemClock,
    log: silentLog,
  });
  const jobs = new Housekeeping({
    jobs: analysis.jobs,
    report: (job) => fleet.setJob(job),
    ended: analysis.ended,
    before: analysis.before,
    clock: systemClock,
    log: silentLog,
  });
  const end = analysis.start(jobs);
  const close = async (): Promise<void> => {
    end();
    const stopped = jobs.stop();
    await analysis.analyst.close();
    await stopped;
    await store.close();
    await state.close();
  };
  return { fleet, state, store, analysis, jobs, close };
}

async function fill(store: MetricsStore & StoreControl, fleet: Fleet): Promise<void> {
  const now = Date.now();
  fleet.applyEvent({
    type: "inventory",
    cluster: "lab",
    changed: [aCluster("lab", now), aStorage("lab", null, "nfs", now)],
  });
  const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "storage", growing(now));
  await store.append({ batchId: "01", cluster: "lab", source: "import", blocks, marks: {} });
}

describe("a job that is run on demand", () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = temporaryDirectory();
    const { fleet, store, analysis, close } = await aService(dataDir);
    await fill(store, fleet);
    analysis.port.run("growth");
    const hasRun = () => expect(fleet.jobs().find(({ id }) => id === "growth")?.lastResult).not.toBeNull();
    await vi.waitFor(hasRun, { timeout: 30_000 });
    await close();
  });

  it("reads the stored series in its own thread and leaves its result, which outlives a restart", async () => {
    const { fleet, analysis, close } = await aService(dataDir);
    onTestFinished(close);
    const [document] = await analysis.port.documents.list({ name: "growth" });

    expect(document).toMatchObject({
      cluster: "lab",
      body: { lists: [{ kind: "storage", metric: "used_bytes", rows: [{ id: "lab/storage/@nfs" }] }] },
    });
    const body = document?.body as GrowthDocument;
    expect((body.lists[0]?.rows[0]?.slopePerDay ?? 0) / 2 ** 30).toBeCloseTo(24, 1);
    expect(fleet.jobs().find(({ id }) => id === "growth")?.lastResult).toMatch(/1 series/);
    expect(fleet.analyses()).toMatchObject([{ name: "growth", cluster: "lab" }]);
  });

  it("leaves nothing standing of a cluster that is no longer watched", async () => {
    const directory = temporaryDirectory();
    const first = await aService(directory);
    const left = aFinding({ cluster: "left", subject: "left/guest/100~1" });
    await first.state.findings.replace("risks", [aFinding({}), left]);
    await first.close();

    const { fleet, state, close } = await aService(directory);
    onTestFinished(close);

    expect(fleet.findings().map(({ cluster }) => cluster)).toEqual(["lab"]);
    expect((await state.findings.open()).map(({ cluster }) => cluster)).toEqual(["lab"]);
  });

  it("is unknown when there is none of its name, as is a question", async () => {
    const { analysis, close } = await aService(temporaryDirectory());
    onTestFinished(close);

    expect(analysis.port.run("no-such-job")).toBe(false);
    await expect(analysis.port.ask("no-such-question", {})).rejects.toThrow("There is no question no-such-question.");
  });
});
