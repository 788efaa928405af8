// The contract, over every store that there is.
import { MemoryStore } from "../../src/store/drivers/memory/memory-store.ts";
import { engineStore } from "./build.ts";
import { storeContract } from "./contract.ts";
import { temporaryDirectory } from "./directories.ts";

storeContract("memory", async () => {
  const store = new MemoryStore();
  return Object.assign(store, {
    rollup: async (nowMs: number) => {
      MemoryStore.prototype.rollup.call(store, nowMs);
      return Promise.resolve();
    },
  });
});
});

storeContract("duckdb behind the journal", async () => engineStore(temporaryDirectory()));
