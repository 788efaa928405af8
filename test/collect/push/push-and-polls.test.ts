// Pushes and polls of one simulated cluster, against a twin that is only polled.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { pushedBefore } from "../../../src/app/pushed-before.ts";
import type { Row } from "../../../src/model/batch.ts";
import type { PushAnswer, PushFormat } from "../../../src/model/push.ts";
import { MemoryStore } from "../../../src/store/index.ts";
import { pollSimulated } from "../simulated-poller.ts";
import { guestMetrics, influxBodies, otlpBodies, otlpBody, pushedArc, pushedPressure } from "./as-pve-pushes.ts";

type Polled = Awaited<ReturnType<typeof pollSimulated>>;

const startAt = Date.UTC(2026, 2, 3, 12, 0, 0);
const simulator = { nodes: 2, guests: 10, seed: 7, startAt, anchorAt: startAt };

/** What every node has measured last, as it would push it. */
async function pushAll(
  polled: Polled,
  format: PushFormat = "influx",
  wants: (node: string) => boolean = () => true,
): Promise<PushAnswer[]> {
  const answers: PushAnswer[] = [];
  for (const node of [...polled.simulator.state.nodes.keys()].filter(wants)) {
    const generation = polled.simulator.state.pvestatd.history(node).at(-1);
    if (generation === undefined) continue;
    const bodies = format === "influx" ? influxBodies({ node, generation }) : otlpBodies({ node, generation });
    for (const text of bodies) answers.push(await pushText(polled, text, format));
  }
  return answers;
}

function pushText(polled: Polled, text: string, format: PushFormat = "influx"): Promise<PushAnswer> {
  const gzipped = format === "otlp";
  const bytes = gzipped ? gzipSync(text) : Buffer.from(text);
  return polled.push({ format, precision: "ns", gzipped, body: new Uint8Array(bytes).buffer });
}

const measured = (rows: readonly Row[]): Row[] => rows.filter(({ origin }) => origin === "export" || origin === "push");
const keyOf = ({ id, ts, node }: Row): string => `${id} ${ts} ${node}`;

/** Every sample of the polled twin is there once, with the same values; a push may know more. */
function expectSame(rows: readonly Row[], twin: readonly Row[]): void {
  const [mine, theirs] = [measured(rows), measured(twin)];
  expect(mine.map(keyOf).sort()).toEqual(theirs.map(keyOf).sort());
  const byKey = new Map(mine.map((row) => [keyOf(row), row.values]));
  for (const row of theirs) expect(byKey.get(keyOf(row)), keyOf(row)).toMatchObject(row.values);
}

/** Rounds of ten seconds; every sixth is polled. */
async function run(rounds: number, pushing: (polled: Polled, round: number) => Promise<unknown>): Promise<Polled> {
  const polled = await pollSimulated({ simulator });
  await polled.first();
  for (let round = 1; round <= rounds; round++) {
    if (round % 6 === 0) await polled.poll(10_000);
    else polled.simulator.advance(10_000);
    await pushing(polled, round);
  }
  await polled.poll(10_000);
  return polled;
}

const jobOf = (polled: Polled): string | null | undefined =>
  polled.fleet.jobs().find(({ id }) => id === "push/sim")?.lastResult;

const onlyPolled = (rounds: number): Promise<Polled> => run(rounds, () => Promise.resolve());

describe("pushes of a polled cluster", () => {
  it.each(["influx", "otlp"] as const)("by %s give the rows that polls give, each once", async (format) => {
    const twin = await onlyPolled(13);
    const polled = await run(13, async (now) => {
      for (const answer of await pushAll(now, format)) expect(answer).toMatchObject({ outcome: "taken" });
    });

    expectSame(polled.rows(), twin.rows());
    const pushed = polled.rows().filter(({ origin }) => origin === "push");
    // The first round is left to the polls, and where a poll comes first its samples are held already.
    const since = measured(twin.rows()).filter(({ ts }) => ts > startAt + 20_000);
    expect(pushed.length).toBeGreaterThan(since.length / 2);
    expect(jobOf(polled)).toMatch(/^\d+ pushes, \d+ rows; left to the polls: /);
    await Promise.all([polled.stop(), twin.stop()]);
  });

  it("bring what the export does not have: ARC and pressure", async () => {
    const polled = await pollSimulated({ simulator });
    await polled.first();
    for (let round = 0; round < 3; round++) {
      polled.simulator.advance(10_000);
      await pushAll(polled);
    }
    const rows = polled.rows().filter(({ origin }) => origin === "push");

    // The live view has them before any poll.
    const live = polled.fleet.get("sim/node/pve1");
    const newest = polled.simulator.state.pvestatd.history("pve1").at(-1)?.timestampS ?? 0;
    expect(live?.valuesAt).toBe(newest * 1000);
    expect(live?.values).toMatchObject({ arc_size_bytes: pushedArc.size });
    expect(rows.find(({ id }) => id === "sim/node/pve1")?.values).toMatchObject({
      arc_size_bytes: pushedArc.size,
      arc_min_bytes: pushedArc.min,
      arc_max_bytes: pushedArc.max,
    });
    const guest = rows.find(({ id, values }) => id.includes("/guest/") && values["running"] === 1);
    expect(guest?.values).toMatchObject({ psi_cpu_some_percent: pushedPressure });
    await polled.stop();
  });

  it("may be lost, doubled and late without anything being lost or there twice", async () => {
    const twin = await onlyPolled(19);
    const polled = await run(19, async (now, round) => {
      // PVE gives up after a second: a round is lost here and there, of one node or of both.
      if (round % 5 === 2) return;
      await pushAll(now, "influx", (node) => !(node === "pve2" && round % 7 === 3));
      // Two metric servers that point here bring every sample twice.
      if (round % 2 === 0) await pushAll(now, "otlp");
    });

    expectSame(polled.rows(), twin.rows());
    await Promise.all([polled.stop(), twin.stop()]);
  });

  it("that are cut in two within a guest leave that guest to the polls", async () => {
    const twin = await onlyPolled(7);
    const polled = await run(7, async (now) => {
      for (const node of now.simulator.state.nodes.keys()) {
        const generation = now.simulator.state.pvestatd.history(node).at(-1);
        if (generation === undefined) continue;
        const metrics = guestMetrics({ node, generation });
        for (let from = 0; from < metrics.length; from += 7) {
          await pushText(now, otlpBody({ node }, metrics.slice(from, from + 7)), "otlp");
        }
      }
    });

    expectSame(polled.rows(), twin.rows());
    expect(jobOf(polled)).toMatch(/\d+ incomplete/);
    await Promise.all([polled.stop(), twin.stop()]);
  });

  it("are not polled again after a crash between two polls", async () => {
    const twin = await onlyPolled(11);
    const store = new MemoryStore();
    const before = await pollSimulated({ simulator, store });
    await before.first();
    for (let round = 1; round <= 4; round++) {
      before.simulator.advance(10_000);
      await pushAll(before);
    }
    const known = before.fleet.list("node").concat(before.fleet.list("guest"), before.fleet.list("storage"));
    const entities = known.map(({ entity }) => entity);
    await before.stop(false);

    const pushed = await pushedBefore(store, "sim", entities);
    const after = await pollSimulated({ on: before.simulator, store, known: entities, pushed });
    await after.first();
    for (let round = 5; round <= 11; round++) {
      if (round === 11) await after.poll(10_000);
      else after.simulator.advance(10_000);
      await pushAll(after);
    }
    await after.poll(10_000);

    expect(pushed.some(({ ts }) => ts.length > 0)).toBe(true);
    expectSame([...before.rows(), ...after.rows()], twin.rows());
    await Promise.all([after.stop(), twin.stop()]);
  });

  it("of unknown nodes, guests and moments are dropped, and counted by name", async () => {
    const polled = await pollSimulated({ simulator });
    await polled.first();
    const nowS = Math.floor(polled.simulator.now() / 1000);
    const line = (tags: string, timeS = nowS): string => `system,${tags} uptime=1,total=1,used=1 ${timeS}000000000\n`;
    const text = [
      line("object=nodes,host=stranger"),
      line("object=qemu,vmid=9999,nodename=pve1"),
      line("object=storages,nodename=pve1,host=elsewhere"),
      line("object=nodes,host=pve1", nowS + 86_400),
      line("object=qemu,nodename=pve1"),
      line("object=constructor,host=pve1"),
    ].join("");

    expect(await pushText(polled, text)).toMatchObject({ outcome: "taken" });

    await polled.poll();
    const cost = polled.events.filter((event) => event.type === "cost").at(-1)?.cost;
    expect(cost?.droppedValues).toMatchObject({
      "pushed: unknown node": 1,
      "pushed: unknown guest": 1,
      "pushed: unknown storage": 1,
      "pushed: moment far from the node's time": 1,
      "pushed: line without a node or vmid": 1,
      "pushed: no line of Proxmox VE": 1,
    });
    expect(polled.rows().filter(({ origin }) => origin === "push")).toEqual([]);
    await polled.stop();
  });

  it("that cannot be read are refused with one sentence, and good lines beside them are taken", async () => {
    const polled = await pollSimulated({ simulator });
    await polled.first();
    const push = (body: Uint8Array, format: PushFormat, gzipped = false): Promise<PushAnswer> =>
      polled.push({ format, precision: "ns", gzipped, body: new Uint8Array(body).buffer });

    const partly = await pushText(polled, `m,object=nodes f=1 ${startAt}000000\nm f=x 1\n`);
    expect(partly).toEqual({
      outcome: "partly",
      sentence:
        'Line 2: the value of field "f" is no number, text or boolean. 1 of 2 could not be read, the others are taken.',
      refused: 1,
    });
    expect(await push(Buffer.from("{"), "otlp")).toMatchObject({ outcome: "malformed" });
    expect(await push(Buffer.from("[]"), "otlp")).toMatchObject({ outcome: "malformed" });
    expect(await push(Buffer.from([0xff, 0xfe]), "influx")).toMatchObject({ outcome: "malformed" });
    expect(await push(Buffer.from("no gzip"), "influx", true)).toMatchObject({ outcome: "malformed" });
    // A small body that would inflate to more than anybody wants to hold.
    expect(await push(gzipSync(Buffer.alloc(65 * 2 ** 20)), "influx", true)).toMatchObject({ outcome: "too-large" });
    await polled.stop();
  });

  it("stand in for the listing where the export may not be read", async () => {
    const first = await pollSimulated({ simulator });
    await first.first();
    await first.stop(false);
    const { tokenId, tokenSecret } = first.simulator.state.access.createToken({
      token: "weak",
      secret: "0b7c9c6e-5d0f-4a57-9e8e-000000000001",
      roles: ["/vms", "/nodes", "/storage"].map((path) => ({ role: "PVEAuditor", path })),
    });
    const polled = await pollSimulated({ on: first.simulator, token: { id: tokenId, secret: tokenSecret } });
    await polled.first();
    await polled.poll(30_000);
    expect(polled.lastRows().some(({ origin }) => origin === "resources")).toBe(true);

    for (let round = 0; round < 3; round++) {
      polled.simulator.advance(10_000);
      await pushAll(polled, "influx", (node) => node === "pve1");
    }
    await polled.poll(1_000);

    const listed = polled.lastRows().filter(({ origin }) => origin === "resources");
    expect(new Set(listed.map(({ node }) => node))).toEqual(new Set(["pve2"]));
    expect(polled.rows().some(({ origin, node }) => origin === "push" && node === "pve1")).toBe(true);
    await polled.stop();
  });
});
