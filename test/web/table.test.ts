import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnIds } from "../../src/web/fleet/columns.ts";
import { matches, parseFilter } from "../../src/web/fleet/filter.ts";
import type { FleetItem, GuestItem } from "../../src/web/fleet/item.ts";
import { tableCsv } from "../../src/web/fleet/table-csv.ts";
import { enrich, tableRows } from "../../src/web/fleet/table-rows.ts";
import { parseTableView, printTableView, type TableView } from "../../src/web/fleet/table-view.ts";
import { makeFleet } from "./fake/fleet.ts";
import { must } from "./must.ts";

const items = enrich(makeFleet({ nodes: 3, guests: 45 }).items);
const guest = must(items.find((item): item is GuestItem => item.kind === "guest" && item.tags.includes("db")));
const none = new Map<string, number>();
const view = (text = ""): TableView => parseTableView(new URLSearchParams(text));
const found = (text: string): readonly FleetItem[] => items.filter((item) => matches(parseFilter(text), item));

describe("the filter", () => {
  it("wants all words, wherever they stand", () => {
    expect(found(`${guest.name.toUpperCase()} demo`).map(({ id }) => id)).toContain(guest.id);
    expect(found(`${guest.name} nowhere`)).toEqual([]);
    expect(found(`vm ${guest.vmid}`.replace("vm", guest.type === "qemu" ? "vm" : "ct"))).toContain(guest);
  });

  it("understands prefixes for one field", () => {
    for (const item of found("tag:db")) expect(item.kind === "guest" && item.tags).toContain("db");
    for (const item of found("node:pve2 type:ct status:run"))
      expect(item).toMatchObject({ node: "pve2", type: "lxc", status: "running" });
    expect(found("type:template").length).toBeGreaterThan(0);
    expect(found("pool:prod").every((item) => item.kind === "guest" && item.pool === "prod")).toBe(true);
  });

  it("asks for nothing while a prefix is being typed", () => {
    expect(found("tag:")).toHaveLength(items.length);
  });
});

describe("the rows", () => {
  it("stand as clusters, nodes, guests, templates, storages, with shared storages under the cluster", () => {
    const { rows } = tableRows(items, view(), none);

    expect(rows.slice(0, 2).map(({ item, level }) => `${level} ${item.kind}`)).toEqual(["1 cluster", "2 node"]);
    expect(rows.filter(({ item }) => item.kind === "storage" && item.shared).every(({ level }) => level === 2)).toBe(
      true,
    );
    expect(rows.at(-1)?.item).toMatchObject({ kind: "storage", shared: true });
    expect(rows).toHaveLength(items.length);
  });

  it("hide what is below a folded row, but not what was searched for", () => {
    const folded = "folded=demo/node/pve1";
    const hidden = tableRows(items, view(folded), none).rows.filter(
      ({ item }) => item.kind === "guest" && item.node === "pve1",
    );
    const searched = tableRows(items, view(`${folded}&q=node:pve1`), none).rows.filter(
      ({ item }) => item.kind === "guest" && item.node === "pve1",
    );

    expect(hidden).toEqual([]);
    expect(searched.length).toBeGreaterThan(0);
  });

  it("keep the way to a match when grouped and only the match when flat", () => {
    const query = `q=${guest.name}`;

    expect(
      tableRows(items, view(query), none)
        .rows.slice(0, 2)
        .map(({ item }) => item.kind),
    ).toEqual(["cluster", "node"]);
    expect(
      tableRows(items, view(`${query}&group=flat`), none).rows.every(({ item }) => item.name.includes(guest.name)),
    ).toBe(true);
  });

  it("are each there once, whatever the order, with absent values last in both directions", () => {
    const sorts = fc.constantFrom(...columnIds.flatMap((id) => [id, `-${id}`]));
    fc.assert(
      fc.property(sorts, fc.boolean(), (sort, flat) => {
        const { rows } = tableRows(items, view(`sort=${sort}${flat ? "&group=flat" : ""}`), none);
        expect(new Set(rows.map(({ item }) => item.id)).size).toBe(items.length);
        if (!flat || !sort.endsWith("network")) return;
        const known = rows.map(({ item }) => "net_in_bytes_per_second" in item.values);
        expect(known.lastIndexOf(true)).toBeLessThan(known.indexOf(false));
      }),
    );
  });

  it("sum up a cluster over its nodes and each storage once", () => {
    const cluster = must(items.find((item) => item.kind === "cluster"));
    const total = items
      .filter((item) => item.kind === "storage")
      .reduce((sum, item) => sum + (item.values["total_bytes"] ?? 0), 0);

    expect(cluster.values["cpu_count"]).toBe(96);
    expect(cluster.values["total_bytes"]).toBe(total);
  });
});

it("the view state survives being printed into an address and read again", () => {
  const wanted: TableView = {
    ...view(),
    filter: "web tag:db",
    sort: "memory",
    descending: true,
    grouped: false,
    shown: ["cpu", "age"],
    folded: new Set(["demo/node/pve2"]),
    compact: true,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(printTableView(wanted))) if (value !== null) query.set(name, value);

  expect(parseTableView(query)).toEqual(wanted);
  expect(Object.values(printTableView(view())).every((value) => value === null)).toBe(true);
});

it("CSV never hands a spreadsheet a formula", () => {
  const text = tableCsv([{ ...guest, name: '=cmd|"/c calc"!A1', tags: ["@x"] }]);

  expect(text).toContain(`"'=cmd|""/c calc""!A1"`);
  expect(text).toContain("'@x");
});
