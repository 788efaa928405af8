// Fetches the slow facts of a page: those of its own entity, and for a cluster or storage what the lists have about it.
import { useEffect, useState } from "preact/hooks";
import { type FactKind, factEntry } from "../../model/facts-catalogue.ts";
import { callApi, isAbort, sentence } from "../api.ts";
import type { FleetItem } from "../fleet/item.ts";
import type { FactRowItem, KindFacts } from "./fact-tables.ts";

export interface Facts {
  /** null until the first answer. */
  readonly found: readonly KindFacts[] | null;
  readonly error: string | null;
  readonly retry: () => void;
}

const everyMs = 60_000;

/** What a cluster's page shows of all its nodes and guests. */
const clusterWide: readonly FactKind[] = [
  "hardware",
  "certificate",
  "subscription",
  "disk",
  "zfs_pool",
  "thin_pool",
  "ceph_osd",
  "not_backed_up",
  "replication",
  "ha_service",
  "ha_node",
  "storage_backing",
];

export function useFacts(item: FleetItem): Facts {
  const [found, setFound] = useState<readonly KindFacts[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const { id } = item;
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      try {
        setFound(await loadFacts(item, abort.signal));
        setError(null);
      } catch (problem) {
        if (isAbort(problem)) return;
        setError(sentence(problem));
      }
      if (!abort.signal.aborted) timer = setTimeout(() => void load(), everyMs);
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id, attempt]);
  return { found, error, retry: () => setAttempt((count) => count + 1) };
}

async function loadFacts(item: FleetItem, signal: AbortSignal): Promise<readonly KindFacts[]> {
  const own = callApi<{ readonly facts: readonly KindFacts[] }>(`/entities/${encodeURIComponent(item.id)}/facts`, {
    signal,
  });
  const lists = listsOf(item).map(async ([kind, query]): Promise<KindFacts> => {
    const { list } = factEntry(kind);
    const { items } = await callApi<{ readonly items: readonly FactRowItem[] }>(`/${list}?limit=500&${query}`, {
      signal,
    });
    return { kind, items };
  });
  const [{ facts }, ...more] = await Promise.all([own, ...lists]);
  const listed = new Set(more.map(({ kind }) => kind));
  return [...facts.filter(({ kind }) => !listed.has(kind)), ...more];
}

function listsOf(item: FleetItem): readonly (readonly [FactKind, string])[] {
  if (item.kind === "cluster") return clusterWide.map((kind) => [kind, `cluster=${encodeURIComponent(item.cluster)}`]);
  if (item.kind !== "storage" || !item.content.includes("backup")) return [];
  const place = item.node === null ? item.storage : `${item.node}:${item.storage}`;
  const query = `cluster=${encodeURIComponent(item.cluster)}&storage=${encodeURIComponent(place)}`;
  return [["backup", query]];
}
