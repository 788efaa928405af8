// Run as a process of its own: fills three days, then moves days into Parquet files and kills itself at one step.
// Arguments: data directory, step, how many times the step is let pass.
import { systemClock } from "../../src/lib/clock.ts";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import { StoreEngine } from "../../src/store/engine.ts";
import { engineOptions } from "../../src/store/store-options.ts";
import { forEver } from "./build.ts";
import { lateBatch, moveBatches, movedUntil } from "./move-batch.ts";

const [dataDir = "", fatal = "", passes = "0"] = process.argv.slice(2);
let left = Number(passes);
const onMoveStep = (step: string): void => {
  if (step === fatal && left-- === 0) process.kill(process.pid, "SIGKILL");
};
StoreEngine.open(
  { ...engineOptions({ dataDir }), retention: forEver },
  { clock: systemClock, tell: () => undefined, onMoveStep },
)
  .then(async (store) => {
    for (const batch of moveBatches) await store.append(encodeBatch(batch));
    await store.tidy(movedUntil);
    // One more row for a day that has been moved: it is written anew.
    await store.append(encodeBatch(lateBatch));
    await store.tidy(movedUntil);
    await store.close();
  })
  .catch((error: unknown) => {
    process.stderr.write(String(error));
    process.exit(1);
  });
