// Run as a process of its own: opens a database, which makes or upgrades it, and dies just before the n-th statement.
// Arguments: "state" or "metrics", its path or directory, n (0: lives, and says how many statements there were).
import { writeSync } from "node:fs";
import { DuckDBConnection } from "@duckdb/node-api";
import Database from "libsql";
import { systemClock } from "../../src/lib/clock.ts";
import { StoreEngine } from "../../src/store/engine.ts";
import { openState } from "../../src/store/index.ts";
import { engineOptions } from "../../src/store/store-options.ts";

const [which, path = "", dieAt = "0"] = process.argv.slice(2);
let statements = 0;

dieBefore(DuckDBConnection.prototype, ["run", "runAndReadAll"]);
dieBefore(Database.prototype, ["exec", "prepare"]);

function dieBefore(prototype: object, methods: readonly string[]): void {
  const table = prototype as Record<string, (...words: unknown[]) => unknown>;
  for (const method of methods) {
    const original = table[method];
    if (original === undefined) throw new TypeError(`there is no ${method} to watch`);
    table[method] = function (this: unknown, ...words: unknown[]): unknown {
      statements++;
      if (statements === Number(dieAt)) process.kill(process.pid, "SIGKILL");
      return original.apply(this, words);
    };
  }
}

async function open(): Promise<void> {
  if (which === "state") await (await openState({ path, clock: systemClock })).close();
  else {
    const options = { ...engineOptions({ dataDir: path }) };
    const store = await StoreEngine.open(options, { clock: systemClock, tell: () => undefined });
    await store.close();
  }
}

open()
  .then(() => writeSync(1, String(statements)))
  .catch((error: unknown) => {
    writeSync(2, String(error));
    process.exit(1);
  });
