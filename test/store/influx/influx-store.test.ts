// The contract of stores, read through InfluxQL from a real InfluxDB behind the journal; once point by point, and once with
// windows made by the server wherever that may be.
import { describe, expect, onTestFinished } from "vitest";
import { influxOptionsOf } from "../../../src/store/drivers/influx/influx-options.ts";
import { InfluxReader } from "../../../src/store/drivers/influx/influx-reader.ts";
import { InfluxServer } from "../../../src/store/drivers/influx/influx-server.ts";
import { influx } from "../../../src/store/sinks/influx.ts";
import type { SinkKind } from "../../../src/store/sinks/sink-kind.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { engineStore, forEver, type TestStore } from "../build.ts";
import { storeContract } from "../contract.ts";
import { freshOptions, influxd, runningInflux } from "./influx-under-test.ts";

const withFewPoints: SinkKind = {
  ...influx,
  reader: ({ name, options }) =>
    new InfluxReader({ sink: name, server: new InfluxServer(influxOptionsOf(name, options)), mostPoints: 0 }),
};

/** Nothing else may have answered. */
const onlyInflux = (store: TestStore): TestStore => ({
  ...store,
  range: async (query) => {
    const result = await store.range(query);
    expect(result.reader).toBe("influx");
    return result;
  },
});

describe.skipIf(influxd === undefined)("a real influxd that is read", () => {
  const url = runningInflux();
  const open = async (kind: SinkKind): Promise<TestStore> => {
    const sinks = [{ name: "influx", kind: "influx", options: freshOptions(url()) }];
    const store = await engineStore(
      temporaryDirectory(),
      { sinks, readFrom: "influx", retention: forEver },
      { sinkKinds: [kind] },
    );
    onTestFinished(async () => {
      const raised = store.events.flatMap((each) => (each.event === "raise" ? [each.problem.message] : []));
      if (raised.length > 0) throw new Error(raised.join("; "));
    });
    return store;
  };

  storeContract("influx, point by point", async () => onlyInflux(await open(influx)), { readsTiers: false });
  storeContract("influx, in windows", async () => open(withFewPoints));
});
