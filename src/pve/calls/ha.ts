// High availability: state of services and nodes, rules (9) and groups (8).
import { flag, integer, name, type Rows, rowsOf, words } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface HaEntry {
  readonly type: "service" | "lrm" | "master" | "quorum" | "fencing";
  /** vm:100 of a service. */
  readonly sid: string | undefined;
  readonly node: string | undefined;
  /** Of a service its state, of a node what the resource manager does: active, idle, maintenance mode, … */
  readonly state: string | undefined;
  readonly requested: string | undefined;
  readonly maxRestart: number | undefined;
  readonly maxRelocate: number | undefined;
  readonly failback: boolean | undefined;
}

export interface HaRule {
  readonly rule: string;
  /** node-affinity, resource-affinity; "group" on 8. */
  readonly type: string | undefined;
  readonly enabled: boolean;
  readonly resources: readonly string[];
  readonly nodes: readonly string[];
  readonly affinity: string | undefined;
  readonly strict: boolean | undefined;
  readonly comment: string | undefined;
}

const types = ["service", "lrm", "master", "quorum", "fencing"] as const;

export const readHaStatus = (data: unknown): Rows<HaEntry> =>
  rowsOf(data, (row) => {
    const type = types.find((known) => known === row["type"]);
    if (type === undefined) return undefined;
    return {
      type,
      sid: name(row["sid"]),
      node: name(row["node"]),
      state: name(row["state"]) ?? inParentheses(name(row["status"])),
      requested: name(row["request_state"]),
      maxRestart: integer(row["max_restart"]),
      maxRelocate: integer(row["max_relocate"]),
      failback: flag(row["failback"]),
    };
  });

/** "pve1 (active, Tue Nov 24 12:00:00 2026)" → "active": the time would make every answer a change. */
function inParentheses(status: string | undefined): string | undefined {
  const inside = /\(([^)]*)\)/.exec(status ?? "")?.[1];
  return name(inside?.replace(/,?\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*$/, "").trim()) ?? status;
}

export const readHaRules = (data: unknown): Rows<HaRule> =>
  rowsOf(data, (row) => {
    const rule = name(row["rule"]);
    if (rule === undefined) return undefined;
    return {
      rule,
      type: name(row["type"]),
      enabled: flag(row["disable"]) !== true,
      resources: words(row["resources"]),
      nodes: words(row["nodes"]),
      affinity: name(row["affinity"]),
      strict: flag(row["strict"]),
      comment: name(row["comment"]),
    };
  });

export const readHaGroups = (data: unknown): Rows<HaRule> =>
  rowsOf(data, (row) => {
    const rule = name(row["group"]);
    if (rule === undefined) return undefined;
    return {
      rule,
      type: "group",
      enabled: true,
      resources: [],
      nodes: words(row["nodes"]),
      affinity: undefined,
      strict: flag(row["restricted"]),
      comment: name(row["comment"]),
    };
  });

export const haStatus = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<HaEntry>>> =>
  pve.get({ ...options, path: "/cluster/ha/status/current", read: readHaStatus });

/** From 9.0 on. */
export const haRules = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<HaRule>>> =>
  pve.get({ ...options, path: "/cluster/ha/rules", read: readHaRules });

/** Before 9.0: a 9 refuses once groups became rules. */
export const haGroups = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<HaRule>>> =>
  pve.get({ ...options, path: "/cluster/ha/groups", read: readHaGroups });
