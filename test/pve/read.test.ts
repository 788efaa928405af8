// Readers against anything a server may send: they give the declared types, or one of our errors, and nothing else.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAnswer } from "../../src/pve/answer.ts";
import { readPermissions, readVersion } from "../../src/pve/calls/access.ts";
import { readClusterResources } from "../../src/pve/calls/cluster-resources.ts";
import { readClusterStatus, readNodes } from "../../src/pve/calls/cluster-status.ts";
import { readPools, readStorages } from "../../src/pve/calls/datacenter.ts";
import { readGuestConfig } from "../../src/pve/calls/guest.ts";
import { readMetricsExport } from "../../src/pve/calls/metrics-export.ts";
import { readCertificates, readNodeStatus } from "../../src/pve/calls/node.ts";
import { readRrdData } from "../../src/pve/calls/rrd-data.ts";
import { readTaskLog, readTaskStatus, readTasks } from "../../src/pve/calls/task.ts";
import { PveAnswerError } from "../../src/pve/errors.ts";
import { flag, integer, number, text, words } from "../../src/pve/read.ts";
import { expectShape, type Shape, shapes } from "./shapes.ts";

describe("a number", () => {
  it.each([
    [112, 112],
    ["112", 112],
    ["0.91", 0.91],
    ["1e3", 1000],
    [" 5 ", 5],
    [0, 0],
    ["-3", -3],
    ["", undefined],
    [" ", undefined],
    ["NaN", undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ["1e999", undefined],
    ["0x10", undefined],
    ["12 GB", undefined],
    [null, undefined],
    [true, undefined],
    [[5], undefined],
    [{}, undefined],
  ])("reads %j as %j", (value, expected) => {
    expect(number(value)).toBe(expected);
  });

  it("is whole where it has to be", () => {
    expect([integer("100"), integer(1.5), integer(2 ** 60)]).toEqual([100, undefined, undefined]);
  });
});

describe("flags, texts and words", () => {
  it("read Perl's booleans", () => {
    expect([1, "1", true, 0, "0", "", false].map(flag)).toEqual([true, true, true, false, false, false, false]);
    expect([2, "maybe", null, undefined, {}].map(flag)).toEqual(Array.from({ length: 5 }));
  });

  it("read a name that is a number, and every separator of tags", () => {
    expect([text(100), text("a"), text(null), text({})]).toEqual(["100", "a", undefined, undefined]);
    expect([words("a;b;c"), words("a, b"), words(" "), words(null)]).toEqual([["a", "b", "c"], ["a", "b"], [], []]);
  });
});

describe("one bad row", () => {
  it("costs that row, and is counted", () => {
    const good = {
      type: "qemu",
      vmid: "111",
      node: "pve1",
      status: "running",
      cpu: "0.5",
      maxdisk: "1024",
      template: "",
    };
    const read = readClusterResources([good, { type: "qemu", vmid: "x", node: "pve1" }, null, 5, { type: "node" }, {}]);

    expect(read.rejected).toBe(5);
    expect(read.guests).toMatchObject([{ vmid: 111, cpu: 0.5, maxdisk: 1024, template: false, name: undefined }]);
  });

  it("of a kind that we do not know is passed over", () => {
    expect(readClusterResources([{ type: "network", id: "network/pve1/zone/localnetwork" }]).rejected).toBe(0);
  });
});

/** Any JSON, but with the keys that the readers look for, so that they get somewhere. */
const keys =
  "type vmid node name status cpu maxcpu mem maxmem disk maxdisk netin netout diskread diskwrite uptime lock tags pool hastate memhost template storage shared plugintype content ip online local quorate ssl_fingerprint version release repoid upid id user starttime endtime exitstatus n t time data cpuinfo memory loadavg swap rootfs ksm pveversion meta hostname digest poolid comment disable nodes fingerprint notafter subject issuer filename Sys.Audit / __proto__ constructor".split(
    " ",
  );
const leaf = fc.oneof(
  fc.constantFrom(
    "qemu",
    "lxc",
    "node",
    "storage",
    "pool",
    "cluster",
    "running",
    "stopped",
    "9.2.11",
    "NaN",
    "",
    "112",
    "0",
    "1",
  ),
  fc.constantFrom(
    "UPID:pve1:0000ABCD:00112233:65000000:qmstart:100:root@pam:",
    "creation-qemu=10.1.2,ctime=1763398274",
  ),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: "binary" }),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("json"), { maxLength: 6 }),
    tie("object"),
  ),
  object: fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: tie("json") }),
    {
      maxKeys: 14,
    },
  ),
}));
const rows = fc.array(fc.dictionary(fc.constantFrom(...keys), leaf, { maxKeys: 20 }), { maxLength: 8 });

const readers: readonly (readonly [string, (data: unknown) => unknown, Shape])[] = [
  ["cluster resources", readClusterResources, shapes.clusterResources],
  ["cluster status", readClusterStatus, shapes.clusterStatus],
  ["nodes", readNodes, shapes.nodes],
  ["version", readVersion, shapes.version],
  ["permissions", readPermissions, shapes.permissions],
  ["metrics export", readMetricsExport, shapes.metricsExport],
  ["node status", readNodeStatus, shapes.nodeStatus],
  ["certificates", readCertificates, shapes.certificates],
  ["rrd data", readRrdData, shapes.rrdData],
  ["tasks", readTasks, shapes.tasks],
  ["task status", readTaskStatus, shapes.taskStatus],
  ["task log", readTaskLog, shapes.taskLog],
  ["storages", readStorages, shapes.storages],
  ["pools", readPools, shapes.pools],
  ["guest config", readGuestConfig, shapes.guestConfig],
];

describe("whatever comes", () => {
  it.each(readers)("the reader of %s gives its types or a PveAnswerError", (_, read, shape) => {
    fc.assert(
      fc.property(fc.oneof(json, rows), (data) => {
        const body = Buffer.from(JSON.stringify({ data }));
        try {
          expectShape(parseAnswer(body, { read }), shape);
        } catch (error) {
          if (!(error instanceof PveAnswerError)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("a body of any bytes is an answer or a PveAnswerError", () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string().map((s) => Buffer.from(`{"data":${s}`)),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        try {
          parseAnswer(Buffer.from(bytes), { read: readClusterResources });
        } catch (error) {
          expect(error).toBeInstanceOf(PveAnswerError);
          expect((error as Error).message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
