import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Anomaly,
  comparePeers,
  eventsNear,
  explainAnomaly,
  findAnomalies,
  findFlatLines,
  findGaps,
  findLevelShifts,
  knownCauseOf,
  type Maintenance,
} from "../../../src/analyse/anomaly/index.ts";
import type { NewEvent } from "../../../src/model/event.ts";
import { changed, dayMs, minuteMs, monday, seriesOf, wave } from "./series-of.ts";

const at = monday + 10 * 60 * minuteMs;
const spike: Anomaly = { atMs: at, fromMs: at, reason: "value", score: 0.7, value: 0.92, low: 0.18, high: 0.41 };
const cpu = { name: "CPU of web-1 (demo/guest/104~1)", format: (value: number) => `${Math.round(value * 100)} %` };

function event(minutes: number, over: Partial<NewEvent> = {}): NewEvent {
  const startedAt = at + minutes * minuteMs;
  return {
    eventKey: `e${minutes}`,
    at: startedAt,
    endedAt: startedAt,
    topic: "task",
    type: "vzdump",
    cluster: "demo",
    subject: "demo/guest/104~1",
    node: "pve1",
    user: "root@pam",
    state: "ok",
    text: "Backup of VM 104",
    ...over,
  };
}

describe("the sentence about an anomaly", () => {
  it("names series, value, window, expected range and what happened within ten minutes", () => {
    expect(explainAnomaly(spike, cpu, [event(-4), event(40)])).toBe(
      "CPU of web-1 (demo/guest/104~1) was 92 % at 2026-03-02 10:00 UTC, where 18 % to 41 % was to be expected; " +
        "within 10 minutes of it: Backup of VM 104 (09:56, ok).",
    );
  });

  it("says so when nothing is on record", () => {
    expect(explainAnomaly(spike, cpu, [event(-11), event(11)])).toMatch(/; nothing is on record within 10 minutes/);
  });

  it("names the whole window of a change that took a while, and its kind", () => {
    const slow: Anomaly = { ...spike, reason: "still", fromMs: at - 150 * minuteMs };
    expect(explainAnomaly(slow, cpu, [])).toMatch(/hardly moved from 2026-03-02 07:30 to 10:00 UTC, last 92 %/);
    expect(explainAnomaly({ ...slow, fromMs: at - dayMs }, cpu, [])).toMatch(
      /from 2026-03-01 10:00 to 2026-03-02 10:00/,
    );
  });

  it("names three events and counts the rest", () => {
    const events = [event(-9), event(-5), event(-1), event(3), event(8)];
    expect(explainAnomaly(spike, cpu, events)).toMatch(/\(09:59, ok\);.*\(10:03, ok\);.*\(09:55, ok\) and 2 more\.$/);
  });
});

describe("events near an anomaly", () => {
  it("are those that were running, too", () => {
    const long = event(-300, { endedAt: at + 60 * minuteMs });
    const running = event(-300, { endedAt: null, state: "running" });
    const over = event(-300, { endedAt: at - 30 * minuteMs });
    const later = event(300, { endedAt: null, state: "running" });
    expect(eventsNear(spike, [long, running, over, later])).toEqual([long, running]);
  });
});

describe("a known cause", () => {
  const causeOf = (events: readonly NewEvent[], maintenances: readonly Maintenance[] = []) =>
    knownCauseOf({ subject: "demo/guest/104~1", stretch: spike, events, maintenances });

  it.each([
    ["vzdump", "backup"],
    ["qmigrate", "migration"],
    ["vzmigrate", "migration"],
    ["qmrestore", "restore"],
    ["qmdelsnapshot", "snapshot"],
    ["qmreboot", "power"],
  ])("is a %s task: %s", (type, cause) => {
    expect(causeOf([event(-2, { type })])?.cause).toBe(cause);
  });

  it("explains for an hour after a backup, and for a day after a start", () => {
    const ended = { endedAt: at + 5 * minuteMs };
    expect(causeOf([event(-2, ended)])?.untilMs).toBe(ended.endedAt + 60 * minuteMs);
    expect(causeOf([event(-2, { ...ended, type: "qmstart" })])?.untilMs).toBe(ended.endedAt + dayMs);
  });

  it("is a task of its node, and none of another guest", () => {
    expect(causeOf([event(-2, { subject: "demo/node/pve1" })])?.cause).toBe("backup");
    expect(causeOf([event(-2, { subject: "demo/guest/105~1" })])).toBeUndefined();
  });

  it("is a maintenance that was announced, before any task", () => {
    const window = { subject: "demo/node/pve1", fromMs: at - dayMs, toMs: Number.POSITIVE_INFINITY, text: "new disks" };
    const cause = { cause: "maintenance", text: "new disks", atMs: window.fromMs, untilMs: Number.POSITIVE_INFINITY };
    expect(causeOf([event(-2)], [window])).toEqual(cause);
    expect(causeOf([], [{ ...window, toMs: at - minuteMs }])).toBeUndefined();
    expect(causeOf([], [{ ...window, subject: "demo/guest/105~1" }])).toBeUndefined();
  });

  it("is no line of the log, no restart by HA, no other task and nothing that was long over", () => {
    const others = ["aptupdate", "hastart"].map((type) => event(-2, { type }));
    expect(causeOf([...others, event(-2, { topic: "log" }), event(-60)])).toBeUndefined();
  });
});

describe("too little history", () => {
  it("is a named state with what is needed and what is there", () => {
    expect(findAnomalies(wave(3))).toEqual({ state: "too-little", of: "days", needs: 14, has: 2 });
    expect(findAnomalies(seriesOf(20, () => 1))).toEqual({ state: "too-little", of: "values", needs: 31, has: 20 });
    const absent = seriesOf(5000, () => Number.NaN);
    expect(findAnomalies(absent)).toMatchObject({ state: "too-little", has: 0 });
    expect(findGaps(absent, 0)).toMatchObject({ state: "too-little", of: "values", has: 0 });
    expect(findLevelShifts(wave(10))).toEqual({ state: "too-little", of: "days", needs: 21, has: 10 });
    expect(comparePeers([{ id: "a", value: 1 }])).toEqual({ state: "too-little", of: "peers", needs: 8, has: 1 });
    expect(findFlatLines(absent)).toEqual([]);
  });
});

describe("a scan of the past", () => {
  it("reports an anomaly with its value and range, and none of the first two weeks", () => {
    const series = changed(wave(21), (value, row) => (row === 9 * 288 || row === 15 * 288 ? 120 : value));
    const scan = findAnomalies(series);
    expect(scan).toMatchObject({ state: "ready", anomalies: [{ atMs: series.times[15 * 288], value: 120 }] });
    const [found] = scan.state === "ready" ? scan.anomalies : [];
    expect(found?.low).toBeGreaterThan(30);
    expect(found?.high).toBeLessThan(70);
  });
});

describe("gaps", () => {
  it("are stretches of more than three steps without a value, also of rows without one, also at the end", () => {
    const series = changed(wave(2), (value, row) => (row >= 100 && row < 110 ? Number.NaN : value));
    const last = series.times.at(-1) ?? 0;
    const found = findGaps(series, last + 60 * minuteMs);
    expect(found).toEqual({
      state: "ready",
      gaps: [
        { fromMs: series.times[99], toMs: series.times[110], missing: 10, open: false },
        { fromMs: last, toMs: last + 60 * minuteMs, missing: 12, open: true },
      ],
    });
  });

  it("are none in a steady series", () => {
    const series = wave(2);
    expect(findGaps(series, series.times.at(-1) ?? 0)).toEqual({ state: "ready", gaps: [] });
  });
});

describe("flat lines", () => {
  const stuck = changed(wave(5), (value, row) => (row >= 700 && row < 760 ? 55 : value));

  it("are found with how long they are", () => {
    expect(findFlatLines(stuck)).toEqual([
      { fromMs: stuck.times[700], toMs: stuck.times[759], value: 55, rows: 60, longestBefore: 1 },
    ]);
  });

  it("are found while they last", () => {
    const now = { times: stuck.times.slice(0, 740), values: stuck.values.slice(0, 740) };
    expect(findFlatLines(now)).toMatchObject([{ rows: 40 }]);
  });

  it("are none of a series that often stands still", () => {
    const steps = seriesOf(5000, (row) => (row % 400 < 360 ? 1 : Math.sin(row)));
    expect(findFlatLines(steps)).toEqual([]);
  });
});

describe("level shifts", () => {
  it("are told once, with the day, the old and the new level", () => {
    const found = findLevelShifts(changed(wave(42), (value, row) => (row >= 30 * 288 ? value + 25 : value)));
    expect(found.state === "ready" && found.shifts).toHaveLength(1);
    const [shift] = found.state === "ready" ? found.shifts : [];
    expect(shift?.fromMs).toBe(monday + 30 * dayMs);
    expect(shift?.before).toBeCloseTo(50, 0);
    expect(shift?.after).toBeCloseTo(75, 0);
  });

  it("do not mind weekends", () => {
    const noisy = wave(56);
    const office = changed(noisy, (value, row) => (Math.floor(row / 288) % 7 < 5 ? value * 3 : value));
    expect(findLevelShifts(office)).toEqual({ state: "ready", shifts: [] });
  });
});

describe("peers", () => {
  const values = [10, 11, 9, 10.5, 9.5, 10.2, 9.8, 10.1, 30];
  const peers = values.map((value, index) => ({ id: `g${index}`, value }));

  it("name who stands out, with the range in which nobody does", () => {
    const compared = comparePeers(peers);
    expect(compared).toMatchObject({ state: "ready", median: 10.1, outliers: [{ id: "g8", value: 30 }] });
    if (compared.state !== "ready") return;
    expect(compared.outliers[0]?.score).toBeCloseTo((0.6745 * 19.9) / 0.4, 6);
    expect(compared.high).toBeLessThan(30);
  });

  it("that are mostly equal are compared by their mean deviation, and equal ones not at all", () => {
    const mostly = comparePeers([...Array(9).keys()].map((index) => ({ id: `${index}`, value: index === 8 ? 50 : 1 })));
    expect(mostly).toMatchObject({ state: "ready", outliers: [{ id: "8" }] });
    const equal = comparePeers([...Array(9).keys()].map((index) => ({ id: `${index}`, value: 4 })));
    expect(equal).toMatchObject({ state: "ready", outliers: [], low: 4, high: 4 });
  });

  it("stay the same outliers in another unit and from another zero", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 8, maxLength: 60 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: -1000, max: 1000 }),
        (numbers, scale, shift) => {
          const ids = (map: (value: number) => number) => {
            const compared = comparePeers(numbers.map((value, index) => ({ id: `${index}`, value: map(value) })));
            return compared.state === "ready" ? compared.outliers.map(({ id }) => id).sort() : [];
          };
          expect(ids((value) => value * 2 ** (scale % 8) + shift * 2 ** (scale % 8))).toEqual(ids((value) => value));
        },
      ),
    );
  });
});
