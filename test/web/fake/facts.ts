// Slow facts and events of the fake fleet: a failing disk on every node, one failed backup of every guest.
import { factEntry, factKinds } from "../../../src/model/facts-catalogue.ts";

export const factLists: ReadonlySet<string> = new Set(factKinds.map((kind) => factEntry(kind).list));

export function fakeFacts(path: string): readonly object[] {
  const subject = decodeURIComponent(path.slice("/entities/".length, -"/facts".length));
  if (!subject.includes("/node/")) return [];
  const common = { subject, subject_name: subject.split("/").at(-1), read_at: new Date().toISOString() };
  const disks = [
    { ...common, key: "/dev/sda", device: "/dev/sda", model: "Samsung SSD 883", smart: "PASSED", wear_percent: 12 },
    { ...common, key: "/dev/sdb", device: "/dev/sdb", model: "Samsung SSD 883", smart: "FAILED!", wear_percent: 93 },
  ];
  return [{ kind: "disk", items: disks }];
}

export function fakeEvents(query: URLSearchParams): readonly object[] {
  const to = Date.parse(query.get("to") ?? "");
  const subject = query.get("subject") ?? "";
  const at = (minutes: number): string => new Date(to - minutes * 60_000).toISOString();
  const common = { ended_at: null, subject, node: "pve1", user: "root@pam" };
  return [
    {
      ...common,
      seq: 2,
      at: at(20),
      topic: "config",
      type: "guest_config",
      state: "info",
      text: "Configuration: Memory 1 → 2",
    },
    { ...common, seq: 1, at: at(40), topic: "task", type: "vzdump", state: "failed", text: "100: job errors" },
  ];
}
