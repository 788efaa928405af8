import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClusterModel, ModelGuest } from "../../../src/analyse/capacity/cluster-model.ts";
import { failureOf, failuresOf } from "../../../src/analyse/capacity/failure.ts";
import { indexModel } from "../../../src/analyse/capacity/free-room.ts";
import type { NodeFailure } from "../../../src/model/node-failure.ts";
import { aModel, amount, gib, guest, node } from "./a-model.ts";

const three = ["pve1", "pve2", "pve3"].map((name) => node(name));
const lose = (model: ClusterModel, name = "pve1"): NodeFailure => failureOf(indexModel(model), name);
const vmids = (guests: readonly { readonly vmid: number }[]): readonly number[] => guests.map(({ vmid }) => vmid);

test("each guest is in the list that fits it", () => {
  const small = amount(1, 4);
  const local = { shared: [], local: ["local-zfs"], copies: {} };
  const guests = [
    guest(100, "pve1", small),
    guest(101, "pve1", small, { disks: { ...local, copies: { pve2: 1_000 } } }),
    guest(102, "pve1", small, { ha: false }),
    guest(103, "pve1", small, { disks: local }),
    guest(104, "pve1", small, { tie: "passes a device of its node through (hostpci0)" }),
    guest(105, "pve1", small, { disks: null }),
    guest(106, "pve1", small, { ha: false, disks: { ...local, copies: { pve3: 2_000 } } }),
    guest(200, "pve2", small),
  ];

  const failure = lose(aModel({ nodes: three, guests }));

  expect(vmids(failure.restarts)).toEqual([100]);
  expect(failure.restartsWithLoss).toMatchObject([{ vmid: 101, to: "pve2", losesSince: 1_000 }]);
  expect(failure.needsHand).toMatchObject([
    { vmid: 102, losesSince: null, why: "is not under HA" },
    { vmid: 106, to: "pve3", losesSince: 2_000 },
  ]);
  expect(failure.stranded).toMatchObject([
    { vmid: 103, to: null, why: "has disks on the local storage local-zfs, and no replica" },
    { vmid: 104, why: "passes a device of its node through (hostpci0)" },
  ]);
  expect(vmids(failure.unknown)).toEqual([105]);
  expect(failure.verdict).toBe("no");
  expect(failure.sentence).toBe(
    "When pve1 fails: 1 of 7 guests restarts, 1 of 7 guests restarts and loses data, 2 of 7 guests need a hand, 2 of 7 guests are stranded, of 1 it is not known.",
  );
});

test("a guest that no other node has room for is stranded, and the largest is named", () => {
  const guests = [
    guest(100, "pve1", amount(1, 30)),
    guest(101, "pve1", amount(1, 50)),
    guest(200, "pve2", amount(1, 40)),
    guest(300, "pve3", amount(1, 40)),
  ];

  const failure = lose(aModel({ nodes: three, guests }));

  expect(failure.stranded).toHaveLength(2);
  expect(failure.largestUnplaced).toMatchObject({ name: "vm101", memoryBytes: 50 * gib });
  expect(failure.roomOnAverage).toBe(true);
});

test("guests under HA take the room before those that a person would start", () => {
  const guests = [
    guest(100, "pve1", amount(1, 40), { ha: false }),
    guest(101, "pve1", amount(1, 40)),
    guest(200, "pve2", amount(1, 10)),
    guest(300, "pve3", amount(1, 50)),
  ];

  const failure = lose(aModel({ nodes: three, guests }));

  expect(failure.restarts).toMatchObject([{ vmid: 101, to: "pve2" }]);
  expect(failure.stranded).toMatchObject([{ vmid: 100 }]);
});

test("what KSM had merged counts again on the other nodes", () => {
  const guests = [
    guest(100, "pve1", amount(1, 28)),
    guest(101, "pve1", amount(1, 28)),
    guest(200, "pve2", amount(1, 4)),
  ];
  const nodes = (ksmGib: number) => [
    node("pve1", { ksmBytes: ksmGib * gib }),
    node("pve2"),
    node("pve3", { open: false }),
  ];

  expect(lose(aModel({ nodes: nodes(0), guests })).stranded).toEqual([]);
  expect(lose(aModel({ nodes: nodes(1), guests })).stranded).toHaveLength(1);
});

test("without quorum HA restarts nothing", () => {
  const guests = [guest(100, "pve1", amount(1, 4))];

  const failure = lose(aModel({ nodes: [node("pve1"), node("pve2")], guests }));

  expect(failure.quorum).toEqual({ votesLeft: 1, votesNeeded: 2, kept: false });
  expect(failure.restarts).toEqual([]);
  expect(failure.needsHand).toMatchObject([{ vmid: 100, why: "HA restarts nothing without quorum" }]);
  expect(failure.verdict).toBe("no");
});

test("a node that is away already counts for the quorum", () => {
  const nodes = [...three.slice(0, 2), node("pve3", { online: false, open: false })];

  expect(lose(aModel({ nodes, guests: [] })).quorum).toEqual({ votesLeft: 1, votesNeeded: 2, kept: false });
});

test("a host without a cluster has no quorum, and its guests are stranded", () => {
  const failure = lose(aModel({ nodes: [node("pve1")], guests: [guest(100, "pve1", amount(1, 4))], clustered: false }));

  expect(failure.quorum).toBeNull();
  expect(failure.stranded).toMatchObject([{ vmid: 100, why: "there is no other node" }]);
});

test("Ceph goes on while each pool keeps its least number of copies", () => {
  const hosts = { pve1: 100, pve2: 100, pve3: 100 };
  const ceph = { hosts, hostsDown: [], usedBytes: 150, pools: [{ name: "rbd", copies: 3, minCopies: 2 }] };
  const onCeph = { disks: { shared: ["rbd"], local: [], copies: {} } };
  const base = {
    nodes: three,
    guests: [guest(100, "pve1", amount(1, 4), onCeph), guest(200, "pve2", amount(1, 4), onCeph)],
    storages: { rbd: ["pve1", "pve2", "pve3"] },
    cephStorages: ["rbd"],
  };

  const healthy = lose(aModel({ ...base, ceph }));
  const oneAway = lose(aModel({ ...base, ceph: { ...ceph, hosts: { pve1: 100, pve2: 100 }, hostsDown: ["pve3"] } }));

  expect(healthy.ceph).toMatchObject({ survives: true });
  expect(healthy.verdict).toBe("yes");
  expect(oneAway.ceph).toMatchObject({ survives: false, alsoStops: 1 });
  expect(oneAway.stranded).toMatchObject([{ vmid: 100, why: "Ceph stops: pool rbd needs 2 copies, 1 may be left" }]);
});

test("strict rules, shared storages and groups decide where a guest may go", () => {
  const small = amount(1, 4);
  const guests = [
    guest(100, "pve1", small, { onlyNodes: ["pve1", "pve3"] }),
    guest(101, "pve1", small, { disks: { shared: ["iscsi"], local: [], copies: {} } }),
    guest(102, "pve1", small, { apart: ["rule web"] }),
    guest(202, "pve2", small, { apart: ["rule web"] }),
    guest(103, "pve1", small, { together: ["rule app"] }),
    guest(303, "pve3", small, { together: ["rule app"] }),
  ];
  const storages = { nfs: ["pve1", "pve2", "pve3"], iscsi: ["pve1", "pve2"] };

  const { restarts } = lose(aModel({ nodes: three, guests, storages }));

  expect(restarts.map(({ vmid, to }) => [vmid, to])).toEqual([
    [100, "pve3"],
    [101, "pve2"],
    [102, "pve3"],
    [103, "pve3"],
  ]);
});

test("guests that must share a node move as one, or not at all", () => {
  const guests = [
    guest(100, "pve1", amount(1, 30), { together: ["rule app"] }),
    guest(101, "pve1", amount(1, 30), { together: ["rule app", "rule db"] }),
    guest(102, "pve1", amount(1, 10), { together: ["rule db"] }),
  ];

  const failure = lose(aModel({ nodes: three, guests }));

  expect(vmids(failure.stranded)).toEqual([100, 101, 102]);
});

const aCluster = fc
  .record({
    nodes: fc.integer({ min: 1, max: 5 }),
    guests: fc.array(
      fc.record({
        on: fc.nat(),
        cpu: fc.double({ min: 0, max: 8, noNaN: true }),
        memory: fc.double({ min: 0.1, max: 40, noNaN: true }),
        ha: fc.boolean(),
        apart: fc.boolean(),
      }),
      { maxLength: 25 },
    ),
  })
  .map(({ nodes, guests }) => {
    const names = Array.from({ length: nodes }, (_, number) => `pve${number + 1}`);
    return aModel({
      nodes: names.map((name) => node(name)),
      guests: guests.map(({ on, cpu, memory, ha, apart }, number) =>
        guest(100 + number, names[on % nodes] ?? "pve1", amount(cpu, memory), { ha, apart: apart ? ["tag web"] : [] }),
      ),
    });
  });

test("every guest is in exactly one list, and those that are placed leave no node overfull", () => {
  fc.assert(
    fc.property(aCluster, (model) => {
      for (const failure of failuresOf(indexModel(model))) expectSound(model, failure);
    }),
    { numRuns: 150 },
  );
});

function expectSound(model: ClusterModel, failure: NodeFailure): void {
  const { restarts, restartsWithLoss, needsHand, stranded, unknown } = failure;
  const all = [...restarts, ...restartsWithLoss, ...needsHand, ...stranded, ...unknown];
  const there = model.guests.filter((each) => each.node === failure.node);
  expect(vmids(all).toSorted()).toEqual(vmids(there).toSorted());
  for (const { name, total, host } of model.nodes) {
    const placed = all.filter(({ to }) => to === name);
    if (placed.length === 0) continue;
    const here: readonly ModelGuest[] = [
      ...model.guests.filter((each) => each.node === name),
      ...there.filter(({ id }) => placed.some((each) => each.id === id)),
    ];
    const memory = here.reduce((sum, { need }) => sum + need.p95.memoryBytes, 0);
    const cpu = here.reduce((sum, { need }) => sum + need.p95.cpuCores, 0);
    expect(memory).toBeLessThanOrEqual(((total?.memoryBytes ?? 0) - host.memoryBytes) * (1 + 1e-9));
    expect(cpu).toBeLessThanOrEqual(((total?.cpuCores ?? 0) - host.cpuCores) * (1 + 1e-9));
    const moved = there.filter(({ id, apart }) => apart.length > 0 && placed.some((each) => each.id === id));
    const others = model.guests.filter((each) => each.node === name && each.apart.length > 0);
    if (moved.length > 0) expect(moved.length + others.length).toBe(1);
  }
}
