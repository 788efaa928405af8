// The small parts of the InfluxDB adapter: what every value, name and moment becomes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importSteps } from "../../../src/cli/influx-import/steps.ts";
import { origins } from "../../../src/model/batch.ts";
import { entityKinds, parseEntityId } from "../../../src/model/ids.ts";
import {
  entityIdOfTags,
  identityTagKeysOf,
  influxTagKeys,
  influxTagsOfId,
  tagKeysOf,
} from "../../../src/model/influx-schema.ts";
import { errorOfAnswer } from "../../../src/store/drivers/influx/answer-error.ts";
import { batchLines } from "../../../src/store/drivers/influx/batch-lines.ts";
import { anyOf } from "../../../src/store/drivers/influx/influxql.ts";
import { codeOf, kindOfCode, nanosecondsOf, pointTimeOf } from "../../../src/store/drivers/influx/point-time.ts";
import { pveLines } from "../../../src/store/drivers/influx/pve-shape.ts";
import { SeriesKeys } from "../../../src/store/drivers/influx/series-keys.ts";
import { TagBook } from "../../../src/store/sinks/tag-book.ts";
import { aBatch, aRow, t0 } from "../build.ts";

const rulesOf = (tags = new TagBook()) => ({
  tagsOf: (id: string) => tags.get(id),
  keys: new SeriesKeys(),
  fromMs: Number.NEGATIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
});

describe("the time of a point", () => {
  it("keeps origin and step in the digits behind its millisecond", () => {
    const steps = fc.oneof(
      fc.integer({ min: 0, max: 49_999 }),
      fc.integer({ min: 834, max: 40_000 }).map((m) => m * 60),
    );
    fc.assert(
      fc.property(fc.constantFrom(...origins.keys()), steps, fc.integer({ min: 1, max: 4e12 }), (origin, stepS, ms) => {
        const code = codeOf(origin, stepS);
        const text = nanosecondsOf(ms, code);
        expect(text).toBe(String(BigInt(ms) * 1_000_000n + BigInt(code)));
        const expected = origins[origin] === "rrd-max" ? "rrd-avg" : origins[origin];
        expect(origins[kindOfCode(code).origin]).toBe(expected);
        expect(kindOfCode(code).stepS).toBe(stepS);
      }),
    );
  });

  it("is read from RFC 3339, whose trailing zeros are left out", () => {
    expect(pointTimeOf("2026-03-01T00:00:00Z")).toEqual({ ms: t0, code: 0 });
    expect(pointTimeOf("2026-03-01T00:00:00.5Z")).toEqual({ ms: t0 + 500, code: 0 });
    expect(pointTimeOf("2026-03-01T00:00:00.00000001Z")).toEqual({ ms: t0, code: 10 });
    expect(pointTimeOf("2026-03-01T00:00:00.007200604")).toEqual({ ms: t0 + 7, code: 200_604 });
  });

  it("keeps a sample, an average and a maximum of one moment apart or together, as they must be", () => {
    const moment = { ts: t0, values: { cpu_ratio: 0.5 } };
    const { lines } = batchLines(
      aBatch([
        aRow(moment),
        aRow({ ...moment, origin: "rrd-avg", stepS: 1800 }),
        aRow({ ...moment, origin: "rrd-max", stepS: 1800 }),
      ]),
      rulesOf(),
    );
    const [sample, average, maximum] = lines.map((line) => line.split(" ").at(-1));

    expect(sample).not.toBe(average);
    expect(average).toBe(maximum);
    expect(lines[2]).toContain("cpu_ratio_max=0.5,averaged=1,step_seconds=1800");
  });
});

describe("tags", () => {
  const ids = [
    "demo/cluster",
    "demo/node/pve1",
    "demo/guest/100~2",
    "demo/storage/pve1:local",
    "demo/storage/@nfs",
    "demo/target/@cluster",
    "demo/disk/pve1:SN:1",
    "demo/pool/pve1:zfs:rpool",
    "demo/pool/@ceph:rbd",
  ];

  it("name the entity that they were made of, by its identity alone", () => {
    for (const id of ids) {
      const kind = parseEntityId(id)?.kind ?? "cluster";
      const tags = influxTagsOfId(id, { node: "elsewhere", type: "any" }) ?? {};
      const identity = Object.fromEntries(identityTagKeysOf(kind).map((key) => [key, tags[key] ?? ""]));
      expect(entityIdOfTags(kind, identity)).toBe(id);
      for (const key of Object.keys(tags)) expect(tagKeysOf(kind)).toContain(key);
    }
    for (const kind of entityKinds) for (const key of tagKeysOf(kind)) expect(influxTagKeys).toContain(key);
  });

  it("take the node of the row before that of the inventory, and the type from there", () => {
    const book = new TagBook();
    book.tell([{ id: "demo/guest/100~1", name: "web", type: "lxc", node: "pve9" }]);
    const keyOf = (node: string | null): string =>
      batchLines(aBatch([aRow({ node })]), rulesOf(book)).lines[0]?.split(" ")[0] ?? "";

    expect(keyOf("pve1")).toBe("pve_guest,cluster=demo,node=pve1,vmid=100,generation=1,type=lxc");
    expect(keyOf(null)).toBe("pve_guest,cluster=demo,node=pve9,vmid=100,generation=1,type=lxc");
  });

  it("are waited for half a minute where somebody tells of them, so that no point gets a twin", () => {
    const book = new TagBook();
    expect(book.isWorthWaiting("demo/guest/1~1", 0)).toBe(false);
    book.tell([]);
    expect([0, 29_999, 30_000].map((ms) => book.isWorthWaiting("demo/guest/1~1", ms))).toEqual([true, true, false]);
    book.tell([{ id: "demo/guest/2~1", name: "a", type: "qemu", node: "pve1" }]);
    expect(book.isWorthWaiting("demo/guest/2~1", 0)).toBe(false);
  });

  it("cannot end a statement, whatever a name is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 30 }), (name) => {
        const statement = anyOf("storage", [`demo/storage/@${name}`]);
        const outside = statement.replace(/'(?:\\.|[^'\\])*'/gs, "").replace(/"[a-z]+"/g, "");
        expect(outside).toMatch(/^[()=ANDOR ]*$/);
        expect(statement).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe("the second shape", () => {
  it("is that of Proxmox VE's own metric server, with our cluster beside", () => {
    const book = new TagBook();
    book.tell([
      { id: "demo/guest/100~1", name: "web 1", type: "qemu", node: "pve1" },
      { id: "demo/storage/pve1:local", name: "local", type: "dir", node: "pve1" },
    ]);
    const values = { cpu_ratio: 0.5, cpu_count: 4, net_in_bytes_total: 7, running: 1, mem_total_bytes: 1024 };
    const lines = pveLines(
      aBatch([
        aRow({ values }),
        aRow({
          id: "demo/node/pve1",
          values: { cpu_ratio: 0.25, iowait_ratio: 0, mem_used_bytes: 3, uptime_seconds: 9 },
        }),
        aRow({ id: "demo/storage/pve1:local", values: { total_bytes: 10, used_bytes: 4 } }),
        aRow({ id: "demo/target/pve1", values: { up: 1 } }),
        aRow({ origin: "rrd-max", values: { cpu_ratio: 1 } }),
      ]),
      rulesOf(book),
    );

    const at = `${t0 / 1000}000000000`;
    expect(lines).toEqual([
      `system,cluster=demo,host=web\\ 1,nodename=pve1,object=qemu,vmid=100 cpu=0.5,cpus=4,maxmem=1024,netin=7,name="web 1",status="running" ${at}`,
      `system,cluster=demo,host=pve1,object=nodes uptime=9 ${at}`,
      `cpustat,cluster=demo,host=pve1,object=nodes cpu=0.25,wait=0 ${at}`,
      `memory,cluster=demo,host=pve1,object=nodes memused=3 ${at}`,
      `system,cluster=demo,host=local,nodename=pve1,object=storages,type=dir total=10,used=4,avail=6 ${at}`,
    ]);
  });
});

describe("refusals", () => {
  it.each([
    [400, '{"error":"unable to parse"}', "malformed"],
    [413, "", "malformed"],
    [422, '{"message":"x"}', "malformed"],
    [400, '{"error":"partial write: points beyond retention policy dropped=1"}', "person"],
    [401, "", "person"],
    [403, "", "person"],
    [404, '{"message":"bucket not found"}', "person"],
    [405, "", "person"],
    [408, "", "passing"],
    [429, "", "passing"],
    [500, "", "passing"],
    [503, "<html>", "passing"],
  ] as const)("%i %s is %s", (status, text, refusal) => {
    expect(errorOfAnswer(status, text).refusal).toBe(refusal);
  });

  it("name why even where the line that is quoted is a megabyte", () => {
    const { message } = errorOfAnswer(
      400,
      JSON.stringify({ error: `unable to parse '${"x".repeat(2 ** 20)}': too long` }),
    );

    expect(message.length).toBeLessThan(700);
    expect(message).toContain("too long");
  });

  it("say how long to wait, as the server asks", () => {
    expect(errorOfAnswer(429, "", "7").retryAfterMs).toBe(7_000);
    expect(errorOfAnswer(429, "", "never").retryAfterMs).toBe(0);
    expect(errorOfAnswer(429, "", "999999").retryAfterMs).toBe(600_000);
  });
});

describe("the stretches of an import", () => {
  it("cover the range once, in order, finer the younger, and never more rows than a message holds", () => {
    const nowMs = t0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 5_000 }), (days, entities) => {
        const fromMs = nowMs - days * 86_400_000;
        const steps = importSteps({ fromMs, toMs: nowMs, nowMs, rawDays: 14, fiveMinuteDays: 90, entities });
        expect(steps[0]?.fromMs).toBe(fromMs);
        expect(steps.at(-1)?.toMs).toBe(nowMs);
        for (const [i, { fromMs: from, toMs, stepS }] of steps.entries()) {
          if (i > 0) expect(from).toBe(steps[i - 1]?.toMs);
          expect(stepS).toBeLessThanOrEqual(steps[i - 1]?.stepS ?? 3_600);
          expect(((toMs - from) / 1000 / stepS) * entities).toBeLessThanOrEqual(Math.max(40_000, entities * 60));
        }
      }),
      { numRuns: 30 },
    );
  });
});
