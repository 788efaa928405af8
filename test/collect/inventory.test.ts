import { describe, expect, it } from "vitest";
import { Inventory, type Listing } from "../../src/collect/inventory.ts";
import type { Entity } from "../../src/model/inventory.ts";
import { readClusterResources } from "../../src/pve/calls/cluster-resources.ts";
import { readClusterStatus } from "../../src/pve/calls/cluster-status.ts";

const clusterFacts = {
  name: "Test",
  webUrl: null,
  simulated: false,
  release: "9.2",
  notes: [],
  versions: new Map<string, string>(),
};

const guest = (vmid: number, more: object = {}) => ({
  id: `qemu/${vmid}`,
  type: "qemu",
  vmid,
  node: "pve1",
  name: `vm${vmid}`,
  status: "running",
  template: 0,
  maxmem: 1024,
  mem: 500,
  memhost: 600,
  ...more,
});
const node = (name: string, status = "online") => ({ id: `node/${name}`, type: "node", node: name, status });
const storage = (name: string, on: string, shared: 0 | 1, status = "available") => ({
  id: `storage/${on}/${name}`,
  type: "storage",
  storage: name,
  node: on,
  shared,
  status,
  plugintype: "dir",
  content: "images,iso",
});

const status = readClusterStatus([
  { type: "cluster", name: "x", quorate: 1, nodes: 2 },
  { type: "node", name: "pve1", ip: "10.0.0.1", online: 1, local: 1 },
  { type: "node", name: "pve2", ip: "10.0.0.2", online: 1, local: 0 },
]);

let clock = 1_000;
const tick = (): number => {
  clock += 10_000;
  return clock;
};
const listing = (rows: object[], more: Partial<Listing> = {}): Listing => ({
  resources: readClusterResources(rows),
  status,
  complete: true,
  at: tick(),
  ...more,
});
const observer = (known: readonly Entity[] = []) => {
  const inventory = new Inventory("c", known);
  const look = (rows: object[], more: Partial<Listing> = {}) => inventory.observe(listing(rows, more), clusterFacts);
  return { inventory, look };
};
const ids = (entities: readonly Entity[]) => entities.map((entity) => entity.id).sort();

describe("the inventory of a cluster", () => {
  it("tells what is new once", () => {
    const { look } = observer();

    const first = look([node("pve1"), guest(100), storage("local", "pve1", 0)]);
    const second = look([node("pve1"), guest(100), storage("local", "pve1", 0)]);

    expect(ids(first.changed)).toEqual([
      "c/cluster",
      "c/guest/100~1",
      "c/node/pve1",
      "c/node/pve2",
      "c/storage/pve1:local",
    ]);
    expect(second.changed).toEqual([]);
  });

  it("keeps a guest's identity when it migrates, is renamed or stops", () => {
    const { look } = observer();
    look([guest(100)]);

    const { changed } = look([guest(100, { node: "pve2", name: "other", status: "stopped" })]);

    expect(changed).toMatchObject([{ id: "c/guest/100~1", node: "pve2", name: "other", status: "stopped" }]);
  });

  it("keeps the last known name while PVE has no live data of a guest", () => {
    const { look, inventory } = observer();
    look([guest(100, { template: 1 })]);

    look([{ id: "qemu/100", type: "qemu", vmid: 100, node: "pve1", status: "unknown" }]);

    expect(inventory.list("guest")).toMatchObject([{ name: "vm100", template: true, status: "unknown" }]);
  });

  it("calls a guest gone after two complete listings without it, and its vmid's next guest another", () => {
    const { look, inventory } = observer();
    look([guest(100), guest(101)]);

    expect(look([guest(101)]).missingGuests).toBe(1);
    const gone = look([guest(101)]).changed;
    const again = look([guest(101), guest(100)]).changed;

    expect(gone).toMatchObject([{ id: "c/guest/100~1", goneAt: clock - 10_000 }]);
    expect(again).toMatchObject([{ id: "c/guest/100~2", generation: 2, goneAt: null }]);
    expect(inventory.list("guest").map((entity) => entity.id)).toEqual(["c/guest/101~1", "c/guest/100~2"]);
  });

  it("never takes hidden guests for deleted ones", () => {
    const { look, inventory } = observer();
    look([guest(100), guest(101)]);

    for (let round = 0; round < 5; round++) look([], { complete: false });

    expect(inventory.list("guest")).toHaveLength(2);
  });

  it("begins a new generation when a deletion was seen, or the type changed", () => {
    const { look, inventory } = observer();
    look([guest(100), guest(101)]);
    inventory.guestDestroyed(100, clock + 1);
    inventory.guestDestroyed(101, 0);

    const { changed } = look([guest(100), guest(101, { type: "lxc", id: "lxc/101" })]);

    expect(ids(changed)).toEqual(["c/guest/100~1", "c/guest/100~2", "c/guest/101~1", "c/guest/101~2"]);
  });

  it("ignores the deletion of a predecessor", () => {
    const { look, inventory } = observer();
    inventory.guestDestroyed(100, 500);
    look([guest(100)]);
    inventory.guestDestroyed(100, 500);

    expect(look([guest(100)]).changed).toEqual([]);
  });

  it("goes on with the generations that it knew before a restart", () => {
    const { look, inventory } = observer();
    look([guest(100)]);
    look([]);
    look([]);
    look([guest(100)]);
    const known = inventory.list("guest");

    const { look: lookAgain } = observer(known);

    expect(lookAgain([guest(100)]).changed.filter((entity) => entity.kind === "guest")).toEqual([]);
  });

  it("has a shared storage once, and a local one on each node", () => {
    const { look, inventory } = observer();

    look([
      storage("nfs", "pve1", 1),
      storage("nfs", "pve2", 1, "unknown"),
      storage("local", "pve1", 0),
      storage("local", "pve2", 0),
    ]);

    expect(inventory.list("storage")).toMatchObject([
      { id: "c/storage/pve1:local", shared: false },
      { id: "c/storage/pve2:local", shared: false },
      { id: "c/storage/@nfs", shared: true, node: null, nodes: ["pve1", "pve2"], status: "available" },
    ]);
  });

  it("lets one answering node report a shared storage, and another when that one fails", () => {
    const { look, inventory } = observer();
    look([storage("nfs", "pve1", 1), storage("nfs", "pve2", 1)]);

    inventory.chooseStorageOwners(() => true);
    expect(inventory.storageOwner("nfs")).toBe("pve1");
    inventory.chooseStorageOwners((name) => name !== "pve1");
    expect(inventory.storageOwner("nfs")).toBe("pve2");
    inventory.chooseStorageOwners(() => true);
    expect(inventory.storageOwner("nfs")).toBe("pve2");
  });

  it("says where a guest's memory figure comes from", () => {
    const { look, inventory } = observer();
    look([
      guest(100),
      guest(101, { mem: 600 }),
      { ...guest(102), id: "lxc/102", type: "lxc" },
      guest(103, { memhost: undefined }),
    ]);

    const facts = inventory.exportFacts(true);

    expect([100, 101, 103].map((vmid) => facts.guest(vmid, "qemu", 0).memSource)).toEqual(["guest", "host", "unknown"]);
    expect(facts.guest(102, "lxc", 0).memSource).toBe("cgroup");
  });

  it("does not begin a generation because an export still carries a deleted guest", () => {
    const { look, inventory } = observer();
    look([guest(100)]);
    look([]);
    look([]);

    expect(inventory.exportFacts(true).guest(100, "qemu", 0).id).toBe("c/guest/100~1");
  });

  it("gives each sample to the guest that had the vmid then, also before a listing has shown the next one", () => {
    const { look, inventory } = observer();
    look([guest(100)]);
    const destroyedAt = Number.MAX_SAFE_INTEGER / 2;
    inventory.guestDestroyed(100, destroyedAt);
    const owner = (ts: number, type: "qemu" | "lxc" = "qemu"): string =>
      inventory.exportFacts(true).guest(100, type, ts).id;
    const whileGone = [owner(destroyedAt - 10_000), owner(destroyedAt + 1_000), owner(destroyedAt + 10_000)];
    look([guest(100)]);

    expect(whileGone).toEqual(["c/guest/100~1", "c/guest/100~1", "c/guest/100~2"]);
    expect([owner(destroyedAt - 10_000), owner(destroyedAt + 10_000)]).toEqual(["c/guest/100~1", "c/guest/100~2"]);
    expect(owner(destroyedAt + 10_000, "lxc")).toBe("c/guest/100~1");
  });

  it("shows a node that only corosync still knows", () => {
    const { look, inventory } = observer();
    const lost = readClusterStatus([
      { type: "cluster", name: "x", quorate: 1 },
      { type: "node", name: "pve9", online: 0 },
    ]);

    look([node("pve1")], { status: lost });

    expect(inventory.list("node")).toMatchObject([
      { name: "pve1", status: "online" },
      { name: "pve9", status: "offline" },
    ]);
  });
});
