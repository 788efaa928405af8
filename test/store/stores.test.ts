// The contract, over every store that there is.
import { MemoryStore } from "../../src/store/drivers/memory/memory-store.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { engineStore, forEver, type TestStore } from "./build.ts";
import { storeContract } from "./contract.ts";

storeContract("memory", async (): Promise<TestStore> => {
  const store = new MemoryStore();
  const rollup = store.rollup.bind(store);
  return Object.assign(store, {
    rollup: async (nowMs: number) => {
      rollup(nowMs);
      return Promise.resolve();
    },
  });
});

storeContract("duckdb behind the journal", async () => engineStore(temporaryDirectory(), { retention: forEver }));
