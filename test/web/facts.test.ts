import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factKinds } from "../../src/model/facts-catalogue.ts";
import { type FactRowItem, factTables } from "../../src/web/facts/fact-tables.ts";
import { eventsNear, eventWords, graphEvent, groupEvents } from "../../src/web/graph/events.ts";

const now = Date.UTC(2026, 0, 5, 12);
const iso = (ms: number): string => new Date(ms).toISOString();
const row = (fields: Record<string, unknown>): FactRowItem => ({
  subject: "c/node/pve1",
  subject_name: "pve1",
  key: "x",
  read_at: iso(now),
  ...fields,
});

describe("tables of facts", () => {
  it("leave out columns that nothing fills, and say what is absent with a dash", () => {
    const [table] = factTables(
      [
        {
          kind: "disk",
          items: [
            row({ device: "/dev/sda", smart: "FAILED!", wear_percent: 71, serial: null }),
            row({ device: "/dev/sdb", smart: null }),
          ],
        },
      ],
      now,
    );

    expect(table?.columns.map(({ name }) => name)).toEqual(["device", "smart", "wear_percent"]);
    expect(table?.rows.map(({ cells }) => cells.map(({ text, level }) => `${text} ${level}`))).toEqual([
      ["/dev/sda ", "FAILED! failed", "71% warning"],
      ["/dev/sdb ", "– ", "– "],
    ]);
  });

  it("colour a certificate by the time that is left", () => {
    const levels = [1, 10, 30].map((days) => {
      const items = [row({ expires_at: iso(now + days * 86_400_000) })];
      return factTables([{ kind: "certificate", items }], now)[0]?.rows[0]?.cells[0]?.level;
    });

    expect(levels).toEqual(["failed", "warning", ""]);
  });

  it("are made of anything that the API may give", () => {
    const value = fc.oneof(fc.constant(null), fc.string(), fc.double(), fc.boolean(), fc.array(fc.string()));
    fc.assert(
      fc.property(
        fc.constantFrom(...factKinds),
        fc.dictionary(fc.constantFrom("health", "expires_at", "used_bytes", "disks"), value),
        (kind, fields) => {
          const [table] = factTables([{ kind, items: [row(fields)] }], now);
          expect(table?.rows[0]?.cells).toHaveLength(table?.columns.length ?? -1);
        },
      ),
    );
    expect(factTables([{ kind: "something-newer", items: [row({})] }], now)).toEqual([]);
  });
});

describe("events on a graph", () => {
  const item = {
    seq: 1,
    at: iso(now),
    ended_at: null,
    topic: "task",
    type: "vzdump",
    subject: "c/guest/100~1",
    node: "pve1",
    user: "root@pam",
    state: "failed",
    text: "100: job errors",
  } as const;

  it("are told in Proxmox's words", () => {
    expect(eventWords(item)).toBe("VM/CT 100 - Backup: job errors");
    expect(eventWords({ ...item, text: "" })).toBe("Backup Job");
    expect(eventWords({ ...item, topic: "config", text: "Configuration: Memory 1 → 2" })).toBe(
      "Configuration: Memory 1 → 2",
    );
    expect(graphEvent(item)).toEqual({
      atMs: now,
      words: "VM/CT 100 - Backup: job errors · root@pam",
      level: "failed",
    });
  });

  it("that lie on the same pixels are one mark of the worst colour, and none is lost", () => {
    const events = [0, 1, 2, 50].map((x, number) => ({
      atMs: x,
      words: String(number),
      level: x === 1 ? ("failed" as const) : ("" as const),
    }));
    const groups = groupEvents(events, (atMs) => atMs, 5);

    expect(groups.map(({ x, level, events: of }) => [x, level, of.length])).toEqual([
      [0, "failed", 3],
      [50, "", 1],
    ]);
    expect(eventsNear(events, 1.4, 1).map(({ words }) => words)).toEqual(["1", "2"]);
  });
});
