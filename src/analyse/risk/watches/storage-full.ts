// Reads what may fill: storages (each space once), ZFS pools that no storage lies on, thin metadata, Ceph as a whole.
import { clusterEntityId, type EntityId, poolEntityId } from "../../../model/ids.ts";
import type { StorageEntity } from "../../../model/inventory.ts";
import type { AnalysisContext } from "../../context.ts";
import { clusterOf, nameOf, textIn, wordsIn } from "../clusters.ts";
import { dayMs, noPoints } from "../numbers/points.ts";
import { readPoints } from "../read-points.ts";
import { defineRule, looked } from "../rule.ts";
import { bucketMs, type Filling, judgeFilling, lookBackMs } from "../rules/storage-full.ts";

/** Only the newest size counts: what was extended has more room now. */
const capacityMs = 2 * dayMs;

/** What fills, before its series is read; null capacity: the newest value of `capacityOf` is it. */
interface Candidate extends Omit<Filling, "used" | "capacity"> {
  /** The metric beside `series.metric` that tells the capacity, or the capacity itself. */
  readonly capacity: number | { readonly metric: string };
}

export const storageFull = defineRule({
  id: "storage-full",
  title: "Storages",
  summary: "When storages, ZFS pools, thin pools with their metadata, Ceph and backup stores are full, from 14 days on",
  kinds: ["storage-full"],
  pace: "trends",
  async look(context) {
    const all = [...storagesOf(context), ...poolsOf(context), ...metadataOf(context), ...cephOf(context)];
    const used = await seriesOf(
      context,
      all.map(({ series }) => series),
      lookBackMs,
    );
    const capacities = await seriesOf(
      context,
      all.flatMap(({ series, capacity }) =>
        typeof capacity === "number" ? [] : [{ id: series.id, metric: capacity.metric }],
      ),
      capacityMs,
    );
    return looked(
      all.map((candidate) => {
        const { series, capacity } = candidate;
        const told = typeof capacity === "number" ? capacity : capacities(series.id, capacity.metric).values.at(-1);
        const filling = { ...candidate, used: used(series.id, series.metric), capacity: told ?? 0 };
        return judgeFilling(filling, context.nowMs);
      }),
    );
  },
});

async function seriesOf({ store, nowMs }: AnalysisContext, wanted: readonly Filling["series"][], backMs: number) {
  const found = new Map<string, Awaited<ReturnType<typeof readPoints>>>();
  for (const kind of new Set(wanted.map(groupOf))) {
    const ids = wanted.filter((each) => groupOf(each) === kind).map(({ id }) => id);
    const metric = kind.slice(kind.indexOf(" ") + 1);
    const window = { fromMs: nowMs - backMs, toMs: nowMs, stepMs: bucketMs } as const;
    found.set(kind, await readPoints(store, { ids, metric, aggregation: "avg", ...window }));
  }
  return (id: EntityId, metric: string) => found.get(groupOf({ id, metric }))?.get(id) ?? noPoints;
}

/** Storages and pools have metrics of one name, and a question is about one kind. */
const groupOf = ({ id, metric }: Filling["series"]): string => `${id.split("/")[1] ?? ""} ${metric}`;

function storagesOf(context: AnalysisContext): readonly Candidate[] {
  const { fleet, facts } = context;
  const backings = new Map(facts.list("storage_backing").map((fact) => [fact.subject, fact.fields]));
  const all = fleet.list("storage").flatMap(({ entity }) => (entity.kind === "storage" ? [entity] : []));
  return all
    .filter((storage) => !isOfOwnCeph(context, storage))
    .filter((storage) => isFirstOf(storage, wordsIn(backings.get(storage.id) ?? {}, "shared_with")))
    .map((storage) => {
      const others = wordsIn(backings.get(storage.id) ?? {}, "shared_with");
      const where = storage.node === null ? "" : ` of ${storage.node}`;
      const shared = others.length === 0 ? "" : ` (one space with ${others.join(", ")})`;
      return {
        cluster: storage.cluster,
        subject: storage.id,
        key: "",
        name: `Storage ${storage.storage}${where}${shared}`,
        series: { id: storage.id, metric: "used_bytes" },
        capacity: { metric: "total_bytes" },
        fullAt: 1,
        warnAt: /^(?:zfspool|lvmthin)$/.test(storage.pluginType ?? "") ? 0.8 : null,
        unit: "bytes",
        remedy: remedyOf(storage),
      };
    });
}

/** Several ids on one space are one thing that fills: the first by name stands for all. */
const isFirstOf = ({ storage }: StorageEntity, others: readonly string[]): boolean =>
  others.every((other) => storage < other);

/** What PVE tells of a pool of its own Ceph moves with all pools; the whole is watched instead. */
function isOfOwnCeph({ facts }: AnalysisContext, { cluster, pluginType }: StorageEntity): boolean {
  return (
    /^(?:rbd|cephfs)$/.test(pluginType ?? "") &&
    facts.list("ceph").some(({ subject }) => clusterOf(subject) === cluster)
  );
}

function remedyOf({ content, pluginType }: StorageEntity): string {
  if (pluginType === "pbs")
    return "Prune and collect garbage on the Proxmox Backup Server, keep fewer backups, or add space.";
  if (content.every((each) => /^(?:backup|iso|vztmpl|snippets)$/.test(each))) {
    return "Keep fewer backups (Datacenter › Storage › Backup Retention), remove what is not needed, or add space.";
  }
  return "Move disks to another storage (Hardware › Disk Action › Move Storage), remove snapshots and unused disks, or add space.";
}

/** ZFS pools that no storage lies on: who would notice them? */
function poolsOf(context: AnalysisContext): readonly Candidate[] {
  const { facts, fleet } = context;
  const used = facts
    .list("storage_backing")
    .filter(({ fields }) => textIn(fields, "type") === "zfspool")
    .map(({ subject, fields }) => {
      const entity = fleet.get(subject)?.entity;
      const node = entity?.kind === "storage" ? entity.node : null;
      return `${node ?? ""} ${(textIn(fields, "backing") ?? "").split(":").at(-1) ?? ""}`;
    });
  return facts.list("zfs_pool").flatMap((fact) => {
    const [node, pool] = [nameOf(context, fact.subject), textIn(fact.fields, "pool") ?? fact.key];
    if (used.some((place) => place === `${node} ${pool}` || place.startsWith(`${node} ${pool}/`))) return [];
    return [
      {
        cluster: clusterOf(fact.subject),
        subject: fact.subject,
        key: `zfs:${pool}`,
        name: `ZFS pool ${pool} of ${node}`,
        series: { id: poolEntityId(clusterOf(fact.subject), node, "zfs", pool), metric: "used_bytes" },
        capacity: { metric: "total_bytes" },
        fullAt: 1,
        warnAt: 0.8,
        unit: "bytes",
        remedy: "Remove snapshots and data, or add devices: above 80 % ZFS gets slow, and at 100 % it stops.",
      },
    ];
  });
}

function metadataOf(context: AnalysisContext): readonly Candidate[] {
  return context.facts.list("thin_pool").map(({ subject, key }) => {
    const node = nameOf(context, subject);
    return {
      cluster: clusterOf(subject),
      subject,
      key: `lvmthin:${key}:metadata`,
      name: `Metadata of thin pool ${key} of ${node}`,
      series: { id: poolEntityId(clusterOf(subject), node, "lvmthin", key), metric: "metadata_used_percent" },
      capacity: 100,
      fullAt: 1,
      warnAt: 0.8,
      unit: "percent",
      remedy:
        "Extend it (`lvextend --poolmetadatasize`), or remove snapshots: when it is full every guest on the pool stops.",
    };
  });
}

/** Ceph warns when an OSD is 85 % full and takes no more writes at 95 %; OSDs are never evenly full, so that is the latest. */
const cephOf = ({ facts }: AnalysisContext): readonly Candidate[] =>
  facts.list("ceph").map(({ subject }) => ({
    cluster: clusterOf(subject),
    subject: clusterEntityId(clusterOf(subject)),
    key: "ceph",
    name: "Ceph",
    series: { id: clusterEntityId(clusterOf(subject)), metric: "ceph_raw_used_bytes" },
    capacity: { metric: "ceph_raw_total_bytes" },
    fullAt: 0.95,
    warnAt: 0.85,
    unit: "bytes",
    remedy:
      "Add OSDs, remove snapshots and data, or look which OSD is fullest (`ceph osd df`): the fullest one stops all.",
  }));
