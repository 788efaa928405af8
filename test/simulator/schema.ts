// Reads PVE's own API schema and recorded answers from ../shared, which is not part of this repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Release } from "../../src/simulator/index.ts";

const shared = new URL("../../../shared/", import.meta.url);
export const hasShared = existsSync(new URL("pve-schema/pve-api-9.2.json", shared));

export interface Property {
  readonly type?: string;
  readonly optional?: number | boolean;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly items?: Property;
}
export interface MethodInfo {
  readonly parameters?: { readonly properties?: Readonly<Record<string, Property>> };
  readonly returns?: Property;
  readonly proxyto?: string;
  readonly permissions?: { readonly check?: readonly unknown[]; readonly user?: string };
}
interface Entry {
  readonly path: string;
  readonly info?: Readonly<Record<string, MethodInfo>>;
  readonly children?: readonly Entry[];
}

/** "GET /nodes" to what the schema of a release says about it. */
export function readSchema(release: Release): ReadonlyMap<string, MethodInfo> {
  const tree = JSON.parse(readFileSync(new URL(`pve-schema/pve-api-${release}.json`, shared), "utf8")) as Entry[];
  const found = new Map<string, MethodInfo>();
  const walk = (entry: Entry): void => {
    for (const [method, info] of Object.entries(entry.info ?? {})) found.set(`${method} ${entry.path}`, info);
    for (const child of entry.children ?? []) walk(child);
  };
  for (const entry of tree) walk(entry);
  return found;
}

/** Keys of the rows that were recorded for the calls whose path matches. */
export function recordedKeys(path: RegExp, keep: (row: Readonly<Record<string, unknown>>) => boolean): Set<string> {
  const keys = new Set<string>();
  const root = new URL("fixtures/pve/", shared);
  for (const folder of ["datadog-integrations-core", "manageiq-providers-proxmox", "pulse-rrd"]) {
    for (const file of readdirSync(new URL(`${folder}/`, root))) {
      const record = JSON.parse(readFileSync(new URL(`${folder}/${file}`, root), "utf8")) as {
        path: string;
        body: unknown;
      };
      if (!path.test(record.path)) continue;
      for (const row of rowsOf(record.body)) if (keep(row)) for (const key of Object.keys(row)) keys.add(key);
    }
  }
  return keys;
}

export function rowsOf(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  const parsed = (typeof body === "string" ? JSON.parse(body) : body) as { data?: unknown };
  const inner = parsed.data as { data?: unknown } | null;
  const data = Array.isArray(inner?.data) ? inner.data : parsed.data;
  const list: readonly unknown[] = Array.isArray(data) ? data : [data];
  return list.filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null);
}
