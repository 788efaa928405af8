// Run as a process of its own, to be killed: collects a simulated cluster into the real store, and says what the store
// acknowledged, a line per batch. Arguments: data directory, and where the cluster is as JSON.
import { writeSync } from "node:fs";
import { ClusterPoller } from "../../src/collect/cluster-poller.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { uniqueId } from "../../src/lib/unique-id.ts";
import type { Batch } from "../../src/model/batch.ts";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import { PveCluster } from "../../src/pve/index.ts";
import { StoreEngine } from "../../src/store/engine.ts";
import { engineOptions } from "../../src/store/store-options.ts";
import { sharedClock, smallPieces, type WhereTheClusterIs } from "./shared-clock.ts";

const [dataDir = "", json = "{}"] = process.argv.slice(2);
const where = JSON.parse(json) as WhereTheClusterIs;
const clock = sharedClock(where);

async function collect(): Promise<void> {
  const store = await StoreEngine.open(
    { ...engineOptions({ dataDir }), ...smallPieces },
    { clock, tell: () => undefined },
  );
  let batches = 0;
  const append = async (batch: Batch): Promise<void> => {
    await store.append(encodeBatch(batch));
    // A plain write: the line must be out before anything else happens.
    writeSync(1, `${JSON.stringify(batch.marks)}\n`);
    batches++;
    if (batches % 3 === 0) await store.rollup(clock.now());
    if (batches % 4 === 0) await store.checkpoint();
  };
  const pve = new PveCluster({
    cluster: "sim",
    endpoints: [where.url],
    token: { id: where.tokenId, secret: new Secret(where.tokenSecret) },
    trust: { kind: "pin", sha256: where.fingerprint },
    limits: { requestsPerSecond: 100 },
    clock,
    log: silentLog,
  });
  await new ClusterPoller({
    cluster: {
      id: "sim",
      name: "Simulated",
      webUrl: null,
      simulated: true,
      pollPeriodS: null,
      history: { import: false, requestsPerSecond: 1 },
    },
    pve,
    clock,
    log: silentLog,
    known: [],
    marks: await store.marks("sim"),
    newBatchId: () => uniqueId(Date.now()),
    append,
    publish: append,
    event: () => undefined,
  }).run(new AbortController().signal);
}

collect().catch((error: unknown) => {
  writeSync(2, String(error));
  process.exit(1);
});
