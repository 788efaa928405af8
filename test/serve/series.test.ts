import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { autoStep, parseStep, parseTime } from "../../src/serve/series/time-range.ts";
import { aServer, problemIn, start, type TestServer } from "./serve-fixture.ts";
import { waveAt, waveStore } from "./wave-store.ts";

const store = waveStore();
let server: TestServer;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await aServer({ deps: { store } });
  headers = await server.token("viewer");
});

const get = (query: string, more: object = {}) =>
  server.app.inject({ url: `/api/v1/series?${query}`, headers: { ...headers, ...more } });

interface Answer {
  readonly from: number;
  readonly to: number;
  readonly step_seconds: number;
  readonly series: readonly {
    id: string;
    field: string;
    agg: string;
    unit: string;
    time: number[];
    value: (number | null)[];
  }[];
}
const answer = async (query: string): Promise<Answer> => (await get(query)).json();

describe("series", () => {
  it("come as columns, id by id and field by field, with unit, origin and exactness", async () => {
    const response = await get(
      "id=lab/node/pve1,lab/guest/100~1&field=cpu_ratio&field=mem_used_bytes&from=-1h&step=1m&agg=max",
    );
    const body: Answer = response.json();

    expect(body).toMatchObject({ from: start - 3_600_000, to: start, step_seconds: 60, tiers: ["raw"], exact: true });
    expect(body.series.map((one) => [one.id, one.field, one.unit, one.agg])).toEqual([
      ["lab/node/pve1", "cpu_ratio", "ratio", "max"],
      ["lab/node/pve1", "mem_used_bytes", "bytes", "max"],
      ["lab/guest/100~1", "cpu_ratio", "ratio", "max"],
      ["lab/guest/100~1", "mem_used_bytes", "bytes", "max"],
    ]);
    expect(body.series[0]?.time).toHaveLength(60);
    expect(body.series[0]?.value[0]).toBe(waveAt(body.series[0]?.time[0] ?? 0));
  });

  it("use the metric's own aggregation, and ask the store once for each metric and kind", async () => {
    store.asked.length = 0;
    const { series } = await answer("id=lab/guest/100,lab/guest/101&field=running,cpu_ratio");

    expect(series.map((one) => one.agg)).toEqual(["last", "avg", "last", "avg"]);
    expect(store.asked.map(({ ids, metric, aggregation }) => [ids.length, metric, aggregation])).toEqual([
      [2, "running", "last"],
      [2, "cpu_ratio", "avg"],
    ]);
  });

  it("take a guest without generation as the current one, and our own targets", async () => {
    const { series } = await answer(
      "id=lab/guest/103,lab/guest/103~1,lab/target/pve1,lab/target/@cluster&field=cpu_ratio,up",
    );

    expect(series.map((one) => `${one.id} ${one.field}`)).toEqual([
      "lab/guest/103~2 cpu_ratio",
      "lab/guest/103~1 cpu_ratio",
      "lab/target/pve1 up",
      "lab/target/@cluster up",
    ]);
  });

  it("say what is wrong with a question", async () => {
    const wrong = async (query: string) => {
      const problem = problemIn(await get(query));
      return [problem.status, problem.errors?.[0]?.pointer];
    };

    expect(await wrong("field=cpu_ratio")).toEqual([400, "/query/id"]);
    expect(await wrong("id=&field=cpu_ratio")).toEqual([400, "/query/id"]);
    expect(await wrong("id=lab/node/pve1&field=nope")).toEqual([400, "/query/field"]);
    expect(await wrong("id=lab/node/pve1&field=cpu_ratio&from=tomorrow")).toEqual([400, "/query/from"]);
    expect(await wrong("id=lab/node/pve1&field=cpu_ratio&from=now&to=-1h")).toEqual([400, "/query/from"]);
    expect(await wrong("id=lab/node/pve1&field=cpu_ratio&step=soon")).toEqual([400, "/query/step"]);
    expect(await wrong("id=lab/node/pve1&field=cpu_ratio&agg=median")).toEqual([400, "/query/agg"]);
    expect(await wrong("id=lab/node/nope&field=cpu_ratio")).toEqual([404, undefined]);
  });

  it("come as CSV, one line for each point", async () => {
    const { body } = await get("id=lab/node/pve1&field=cpu_ratio&from=-1m&step=30", { accept: "text/csv" });

    expect(body.split("\r\n")).toEqual([
      "id,field,unit,agg,time,value,resolution_seconds,origin",
      `lab/node/pve1,cpu_ratio,ratio,avg,2026-01-05T11:59:00.000Z,${waveAt(start - 60_000)},30,export`,
      `lab/node/pve1,cpu_ratio,ratio,avg,2026-01-05T11:59:30.000Z,${waveAt(start - 30_000)},30,export`,
      "",
    ]);
  });

  it("write what is no number as null", async () => {
    const own = await aServer({
      deps: {
        store: {
          ...waveStore(),
          range: async ({ ids, stepMs }) => ({
            stepMs,
            frames: ids.map((id) => ({
              id,
              timeMs: [1, 2, 3],
              values: [Number.NaN, null, 1],
              resolutionS: [10, 10, 10],
              origins: ["export", "export", "export"],
            })),
            tiers: ["raw"],
            exact: false,
            reader: "memory",
          }),
        },
      },
    });
    const response = await own.app.inject({
      url: "/api/v1/series?id=lab/cluster&field=quorate",
      headers: await own.token("viewer"),
    });

    expect(response.json()).toMatchObject({ exact: false, series: [{ value: [null, null, 1] }] });
  });
});

describe("times and steps", () => {
  it.each([
    ["now", start],
    ["-1h", start - 3_600_000],
    ["now-15m", start - 900_000],
    ["-2w", start - 14 * 86_400_000],
    ["1700000000000", 1_700_000_000_000],
    ["2026-01-05T12:00:00Z", start],
    ["2026-01-05T13:00:00+01:00", start],
    ["2026-01-05", Date.UTC(2026, 0, 5)],
  ])("%s is understood", (text, ms) => {
    expect(parseTime(text, "from", start)).toBe(ms);
  });

  it.each(["", "yesterday", "-1y", "2026-13-40", "2026-01-05T12:00:00", "1e400", "9".repeat(15), "-"])(
    "%s is refused",
    (text) => {
      expect(() => parseTime(text, "from", start)).toThrow("not a time");
    },
  );

  it("have names for widths", () => {
    expect(["raw", "90", "10s", "5m", "1h", "2d"].map((text) => parseStep(text, 1))).toEqual([
      0, 90, 10, 300, 3_600, 172_800,
    ]);
  });

  it("are chosen so that a range has at most about 400 points, and never so few that it is bare", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 400 * 86_400_000 }), (rangeMs) => {
        const points = rangeMs / (autoStep(rangeMs) * 1_000);
        expect(points).toBeLessThanOrEqual(400);
        if (rangeMs > 4_000_000) expect(points).toBeGreaterThan(400 / 7);
      }),
    );
  });
});
