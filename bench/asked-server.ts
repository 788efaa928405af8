// Our API over a data directory that holds a month of guests: store thread, fleet and HTTP server as the service has
// them, without a collector.
import { silentLog } from "../src/lib/log.ts";
import { Fleet } from "../src/live/fleet.ts";
import type { LatestValue } from "../src/model/store.ts";
import { openStore } from "../src/store/index.ts";
import { aCluster, aGuest } from "../test/build.ts";
import { type PlainServer, plainServer } from "../test/serve/plain-server.ts";
import { type FleetData, guestCount } from "./fleet-data.ts";

/** The clock of the API stands at the end of the data, so that "-30d" means what was built. */
export async function askedServer({ directory, endMs }: FleetData): Promise<PlainServer> {
  const clock = { now: () => endMs, monotonic: () => performance.now(), sleep: () => Promise.resolve() };
  const fleet = new Fleet(clock);
  const store = await openStore({ dataDir: directory, log: silentLog, problems: fleet.problemList });
  const entities = Array.from({ length: guestCount }, (_, i) =>
    aGuest("bench", 100 + i, endMs, { node: `pve${1 + (i % 16)}` }),
  );
  const latest: LatestValue[] = [...(await store.latest("guest", endMs - 600_000))];
  fleet.restore([aCluster("bench", endMs), ...entities], latest);
  return plainServer({ fleet, store, clock, directory });
}
