// C14: names that mean something to SQL, CSV, JSON or a shell pass through all of it unchanged.

import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { GuestEntity } from "../../src/model/inventory.ts";
import { csvOf } from "../../src/serve/lists/csv.ts";
import { openState } from "../../src/store/index.ts";
import { aGuest } from "../build.ts";
import { aBatch, aRow, engineStore, t0 } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

const nasty = [
  "a,b= c",
  "quote \" and ' and \\",
  "line\nbreak\r\nand\ttab",
  "Größe 東京 🚢",
  "'; DROP TABLE guest_raw; --",
  '=HYPERLINK("http://evil")',
  "<script>alert(1)</script>",
  "%00 $HOME `id` {{x}}",
  "\u202eright to left",
];
const name = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }));
let roundTrips = 0;

it("C14: a guest's name comes through listing, inventory and state database as it was", {
  timeout: 60_000,
}, async () => {
  const polled = await watchedPoller({ simulator: { nodes: 1, guests: 9 } });
  const vmids = [...polled.simulator.state.guests.keys()];
  for (const [index, vmid] of vmids.entries())
    polled.simulator.state.changeGuest(vmid, { name: nasty[index] ?? "plain" });
  await polled.poll(20_000);
  const path = join(temporaryDirectory(), "state.db");
  const state = await openState({ path, clock: systemClock });
  onTestFinished(async () => state.close());

  const entities = polled.fleet.list("guest").map(({ entity }) => entity);
  await state.entities.save(entities);
  const saved = await state.entities.load("sim");

  for (const list of [entities, saved]) {
    const names = new Map(list.map((entity) => [(entity as GuestEntity).vmid, entity.name]));
    for (const [index, vmid] of vmids.entries()) expect(names.get(vmid)).toBe(nasty[index] ?? "plain");
  }
  const { values } = await polled.expectTruth();
  roundTrips += 2 * vmids.length;
  measured("C14", `${values} values true beside them`);
});

it("C14: any name comes back from the state database and out of CSV as it was", { timeout: 60_000 }, async () => {
  const state = await openState({ path: join(temporaryDirectory(), "state.db"), clock: systemClock });
  onTestFinished(async () => state.close());
  await fc.assert(
    fc.asyncProperty(
      fc.array(name, { minLength: 1, maxLength: 5 }),
      fc.array(name, { maxLength: 3 }),
      async (names, tags) => {
        const guests = names.map((each, index) => aGuest("lab", 100 + index, t0, { name: each, tags, pool: each }));
        await state.entities.save(guests);
        const loaded = await state.entities.load("lab");
        for (const guest of guests) expect(loaded.find(({ id }) => id === guest.id)).toEqual(guest);
        const [, ...lines] = parseCsv(
          csvOf(
            ["name"],
            names.map((each) => [each]),
          ),
        );
        // A leading apostrophe keeps a spreadsheet from running a name as a formula.
        expect(lines.map(([cell = ""]) => cell.replace(/^'/, ""))).toEqual(names.map((each) => each.replace(/^'/, "")));
        roundTrips += 2 * names.length;
      },
    ),
    { numRuns: 300 },
  );
  measured("C14", `${roundTrips} names round trip`);
});

it.each(["pve1", "pve1.example.com", "PVE-1", "node_1", "2001:db8::1", "ノード", "a'b\"c"])(
  "C14: samples of a node called %s are stored and found again",
  async (node) => {
    const store = await engineStore(temporaryDirectory());
    onTestFinished(async () => store.close());
    const ids = [`demo/node/${node}`, `demo/storage/${node}:local`, `demo/target/${node}`];
    const values = [{ cpu_ratio: 0.5 }, { used_bytes: 7 }, { up: 1 }];
    const rows = ids.map((id, index) => aRow({ id, node, values: values[index] ?? {} }));
    await store.append(aBatch(rows, { marks: { [`export/${node}`]: 7 } }));

    for (const [index, id] of ids.entries()) {
      const [[metric, value] = ["", 0]] = Object.entries(values[index] ?? {});
      const { frames } = await store.range({
        ids: [id],
        metric,
        aggregation: "avg",
        fromMs: t0,
        toMs: t0 + 1,
        stepMs: 0,
      });
      expect(frames[0]?.values).toEqual([value]);
    }
    expect(await store.marks("demo")).toEqual({ [`export/${node}`]: 7 });
  },
);

/** RFC 4180, written without ours. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? "";
    if (quoted && letter === '"' && text[i + 1] === '"') cell += text[++i] ?? "";
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === ",") {
      row.push(cell);
      cell = "";
    } else if (!quoted && letter === "\r" && text[i + 1] === "\n") {
      i++;
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += letter;
  }
  return rows;
}
