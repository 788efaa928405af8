// Run as a process of its own: appends batches as fast as the store takes them and says which it acknowledged, until it
// is killed. Arguments: data directory, number of the first batch.
import { writeSync } from "node:fs";
import { systemClock } from "../../src/lib/clock.ts";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import { StoreEngine } from "../../src/store/engine.ts";
import { engineOptions } from "../../src/store/store-options.ts";
import { crashBatch, crashSettings, notingKind } from "./crash-batch.ts";

const [dataDir = "", first = "0"] = process.argv.slice(2);
const options = { ...engineOptions({ dataDir }), ...crashSettings };
StoreEngine.open(options, { clock: systemClock, tell: () => undefined, sinkKinds: [notingKind(dataDir)] })
  .then(async (store) => {
    for (let number = Number(first); ; number++) {
      await store.append(encodeBatch(crashBatch(number)));
      // A plain write: the line must be out before the next batch is begun.
      writeSync(1, `${number}\n`);
      if (number % 7 === 0) await store.rollup(systemClock.now());
      if (number % 23 === 0) await store.checkpoint();
    }
  })
  .catch((error: unknown) => {
    writeSync(2, String(error));
    process.exit(1);
  });
