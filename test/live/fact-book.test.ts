import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FactBook } from "../../src/live/fact-book.ts";
import { factRules, judgeFacts } from "../../src/live/fact-rules.ts";
import { aFact, type Fact, type FactFields, type FactReading } from "../../src/model/facts.ts";
import type { FactKind } from "../../src/model/facts-catalogue.ts";

const dayMs = 86_400_000;
const node = "c/node/pve1";

const reading = (at: number, facts: readonly Fact[], change: Partial<FactReading> = {}): FactReading => ({
  cluster: "c",
  reader: "subscriptions",
  about: node,
  at,
  error: null,
  failures: 0,
  kinds: ["subscription"],
  facts,
  ...change,
});

const subscription = (status: string, checkedAt = 1): Fact =>
  aFact("subscription", node, "", {
    status,
    product: null,
    level: null,
    sockets: 2,
    next_due: null,
    message: null,
    checked_at: checkedAt,
  });

describe("the book of facts", () => {
  it("takes a first reading as it is and tells the differences of later ones", () => {
    const book = new FactBook();

    expect(book.apply(reading(1, [subscription("active")])).changes).toEqual([]);
    const { changes, written } = book.apply(reading(2, [subscription("expired")]));
    expect(changes).toEqual([
      {
        kind: "subscription",
        subject: node,
        key: "",
        at: 2,
        change: "changed",
        before: { status: "active" },
        after: { status: "expired" },
        by: null,
      },
    ]);
    expect(written).toHaveLength(1);
    expect(book.list("subscription")).toMatchObject([{ readAt: 2, changedAt: 2 }]);
  });

  it("does not call it a change when only what moves by itself has moved, but writes it", () => {
    const book = new FactBook();
    book.apply(reading(1, [subscription("active", 1)]));

    const { changes, written } = book.apply(reading(2, [subscription("active", 2)]));

    expect(changes).toEqual([]);
    expect(written).toHaveLength(1);
    expect(book.apply(reading(3, [subscription("active", 2)])).written).toEqual([]);
    expect(book.list("subscription")).toMatchObject([{ readAt: 3, changedAt: 1 }]);
  });

  it("removes what a complete reading does not tell any more, and nothing after a failed one", () => {
    const book = new FactBook();
    book.apply(reading(1, [subscription("active")]));

    expect(book.apply(reading(2, [], { error: "no answer", kinds: [] })).removed).toEqual([]);
    expect(book.list("subscription")).toHaveLength(1);
    expect(book.apply(reading(3, [])).changes).toMatchObject([{ change: "removed", after: null }]);
    expect(book.list("subscription")).toEqual([]);
  });

  it("leaves alone what another reading has told since: a guest that moved to another node", () => {
    const book = new FactBook();
    const told = (about: string, at: number, facts: readonly Fact[]) =>
      reading(at, facts, { about, kinds: ["subscription"] });
    book.apply(told("c/node/pve1", 1, [subscription("active")]));
    book.apply(told("c/node/pve2", 2, [subscription("active")]));

    expect(book.apply(told("c/node/pve1", 3, [])).removed).toEqual([]);
    expect(book.list("subscription")).toHaveLength(1);
  });

  it("is after a restart what it was, and again calls nothing a change", () => {
    const book = new FactBook();
    book.apply(reading(1, [subscription("active")]));
    const again = new FactBook();
    again.restoreReads([{ reader: "subscriptions", about: node }]);
    again.restore(book.list("subscription") as never);

    expect(again.apply(reading(2, [subscription("active")]))).toMatchObject({ changes: [], written: [], removed: [] });
    expect(again.apply(reading(3, [])).changes).toHaveLength(1);
  });

  it("holds exactly what the last reading of each node told, whatever was read before", () => {
    const readings = fc.array(
      fc.record({ of: fc.constantFrom("a", "b"), keys: fc.uniqueArray(fc.constantFrom("1", "2", "3")) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(readings, (all) => {
        const book = new FactBook();
        const last = new Map<string, readonly string[]>();
        for (const [at, { of, keys }] of all.entries()) {
          const about = `c/node/${of}`;
          const facts = keys.map((key): Fact => ({ kind: "subscription", subject: about, key, fields: {} }));
          book.apply(reading(at, facts, { about }));
          last.set(of, keys);
        }
        const held = book.list("subscription").map(({ subject, key }) => `${subject}:${key}`);
        expect(held.sort()).toEqual([...last].flatMap(([of, keys]) => keys.map((key) => `c/node/${of}:${key}`)).sort());
      }),
    );
  });
});

describe("the rules", () => {
  const now = 1_000 * dayMs;
  const codesOf = (kind: FactKind, fields: FactFields): readonly string[] => {
    const book = new FactBook();
    book.apply(reading(1, [{ kind, subject: node, key: "x", fields }], { kinds: [kind] }));
    return judgeFacts(book, now, () => "pve1").map(({ code, severity }) => `${code} ${severity}`);
  };

  it.each<readonly [FactKind, FactFields, readonly string[]]>([
    ["disk", { smart: "FAILED!", device: "/dev/sda" }, ["smart_failing critical"]],
    ["disk", { smart: "PASSED" }, []],
    ["disk", { smart: null }, []],
    ["zfs_pool", { health: "DEGRADED", pool: "tank", failing_devices: ["sda FAULTED"] }, ["zfs_degraded warning"]],
    ["zfs_pool", { health: "FAULTED", failing_devices: [] }, ["zfs_degraded critical"]],
    ["zfs_pool", { health: "ONLINE", failing_devices: ["sda ONLINE 3 cksum"] }, ["zfs_degraded warning"]],
    ["zfs_pool", { health: "ONLINE", failing_devices: [] }, []],
    ["zfs_pool", { health: null, failing_devices: null }, []],
    [
      "thin_pool",
      { size_bytes: 100, used_bytes: 79, metadata_size_bytes: 10, metadata_used_bytes: 8 },
      ["thin_pool_full warning"],
    ],
    [
      "thin_pool",
      { size_bytes: 100, used_bytes: 96, metadata_size_bytes: null, metadata_used_bytes: null },
      ["thin_pool_full critical"],
    ],
    ["thin_pool", { size_bytes: null, used_bytes: null }, []],
    ["ceph", { health: "HEALTH_WARN", checks: ["OSD_DOWN: 1"] }, ["ceph_health warning"]],
    ["ceph", { health: "HEALTH_ERR", checks: [] }, ["ceph_health critical"]],
    ["ceph", { health: "HEALTH_OK" }, []],
    ["replication", { enabled: true, failures: 2, error: "x" }, ["replication_failing warning"]],
    ["replication", { enabled: false, failures: 2, error: "x" }, []],
    ["replication", { enabled: true, failures: 0, error: null }, []],
    ["certificate", { expires_at: now + 13 * dayMs }, ["certificate_expiring warning"]],
    ["certificate", { expires_at: now - dayMs }, ["certificate_expiring critical"]],
    ["certificate", { expires_at: now + 15 * dayMs }, []],
    ["certificate", { expires_at: null }, []],
    ["backup_result", { state: "failed", message: "disk full" }, ["backup_failed warning"]],
    ["backup_result", { state: "OK" }, []],
    ["backup", { verification: "failed" }, ["backup_not_verified critical"]],
    ["backup", { verification: null }, []],
    ["not_backed_up", { vmid: 100 }, ["not_backed_up info"]],
    ["subscription", { status: "expired" }, ["subscription_expired warning"]],
    ["subscription", { status: "notfound" }, []],
    ["ha_service", { state: "error", service: "vm:100" }, ["ha_service_error critical"]],
    ["ha_service", { state: "started" }, []],
  ])("judge %s with %o", (kind, fields, expected) => {
    expect(codesOf(kind, fields)).toEqual(expected);
  });

  it("each say what to do, and make one problem of several faults of one thing", () => {
    const book = new FactBook();
    const disk = (key: string): Fact => ({
      kind: "disk",
      subject: node,
      key,
      fields: { smart: "FAILED!", device: key, model: "M" },
    });
    book.apply(reading(1, [disk("/dev/sda"), disk("/dev/sdb")], { kinds: ["disk"] }));

    const problems = judgeFacts(book, now, () => "pve1");

    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/sda.*sdb/);
    expect(problems[0]?.remedy).not.toBe("");
    expect(new Set(factRules.map(({ code }) => code)).size).toBe(factRules.length);
  });
});
