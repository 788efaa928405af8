// What the risk jobs leave, as the API shows it; the findings are made by the rules themselves.

import { isNotYet, type Judgement } from "../../../src/analyse/risk/rule.ts";
import { judgeDisk } from "../../../src/analyse/risk/rules/disk-errors.ts";
import { judgePressures } from "../../../src/analyse/risk/rules/io-pressure.ts";
import { judgeLeak } from "../../../src/analyse/risk/rules/memory-leak.ts";
import { judgeFilling } from "../../../src/analyse/risk/rules/storage-full.ts";
import { type Finding, findingId } from "../../../src/model/finding.ts";
import { riskWatchDocument } from "../../../src/model/risks.ts";
import { findingItem } from "../../../src/serve/items/finding-item.ts";
import { riskWatchItem } from "../../../src/serve/items/risk-item.ts";

const hour = 3_600_000;
const day = 24 * hour;
const gib = 2 ** 30;

export function fakeRisks(findings: readonly Finding[] = someRisks(Date.now())): Record<string, readonly object[]> {
  const now = Date.now();
  return {
    "/findings": findings.map((finding) =>
      findingItem({
        ...finding,
        id: findingId(finding),
        job: "risks",
        firstSeenAt: now - 3 * day,
        lastSeenAt: now - hour,
        resolvedAt: null,
      }),
    ),
    "/analyses": [{ name: riskWatchDocument, cluster: "demo", at: new Date(now - hour).toISOString() }],
    "/risk-watch": watches.map((watch) => riskWatchItem("demo", { ...watch, kinds: [] }, now - hour)),
  };
}

const watches = [
  [
    "disk-errors",
    "Disks",
    "SMART verdict, counts 5, 187, 188, 197 and 198, NVMe spare and warnings of each disk",
    20,
    0,
    null,
  ],
  [
    "disk-wear",
    "Wear of SSDs",
    "Wearout of each SSD, and when 10 % of its rated writes are left",
    0,
    18,
    "needs 30 days, has 3",
  ],
  ["storage-full", "Storages", "When storages and pools are full, from 14 days on", 16, 2, "needs 14 days, has 3"],
].map(([rule, title, summary, watched, waiting, waitingFor]) => ({
  rule: String(rule),
  title: String(title),
  summary: String(summary),
  watched: Number(watched),
  waiting: Number(waiting),
  waitingFor: waitingFor === null ? null : String(waitingFor),
  readyAt: waitingFor === null ? null : Date.now() + 20 * day,
}));

const found = (judgement: Judgement): readonly Finding[] => (isNotYet(judgement) ? [] : judgement);

function someRisks(now: number): readonly Finding[] {
  const series = (count: number, stepMs: number, value: (place: number) => number) => ({
    atMs: Array.from({ length: count }, (_, place) => now - (count - place) * stepMs),
    values: Array.from({ length: count }, (_, place) => value(place)),
  });
  const disk = {
    cluster: "demo",
    subject: "demo/node/pve1",
    nodeName: "pve1",
    verdict: "PASSED",
    failingAttributes: [],
    spare: null,
    criticalWarning: null,
    type: "hdd",
  } as const;
  const counts = {
    reallocated_sectors: series(30, day / 2, (place) => Math.max(0, place - 20) * 90),
    pending_sectors: series(30, day / 2, (place) => Math.max(0, place - 22) * 7),
  };
  const still = { reallocated_sectors: series(90, day / 2, () => 3) };
  return [
    ...judgeDisk(
      { ...disk, disk: "demo/disk/pve1:S1", key: "S1", device: "/dev/sdc", model: "ST8000NM000A-2KE101", counts },
      now,
    ),
    ...judgeDisk(
      {
        ...disk,
        disk: "demo/disk/pve1:S2",
        key: "S2",
        device: "/dev/sdd",
        model: "TOSHIBA_MG06ACA800E",
        counts: still,
      },
      now,
    ),
    ...found(
      judgeFilling(
        {
          cluster: "demo",
          subject: "demo/storage/pve2:local-lvm",
          key: "",
          name: "Storage local-lvm of pve2",
          series: { id: "demo/storage/pve2:local-lvm", metric: "used_bytes" },
          used: series(24 * 40, hour, (place) => (700 + (place / 24) * 4 + ((place * 7919) % 13)) * gib),
          capacity: 1000 * gib,
          fullAt: 1,
          warnAt: 0.8,
          unit: "bytes",
          remedy: "Move disks to another storage, remove snapshots and unused disks, or add space.",
        },
        now,
      ),
    ),
    ...found(
      judgeLeak(
        {
          cluster: "demo",
          guest: "demo/guest/102~1",
          name: "ci-runner-102",
          metric: "mem_used_bytes",
          used: series(4 * 20, day / 4, (place) => (4 + place * 0.12 + ((place * 7919) % 13) / 100) * gib),
          totalBytes: 16 * gib,
          startsMs: [],
          withoutCache: true,
        },
        now,
      ),
    ),
    ...judgePressures(
      [
        {
          cluster: "demo",
          subject: "demo/node/pve2",
          name: "pve2",
          on: null,
          stretches: [{ atMs: now - 6 * hour, lengthMs: 2 * hour, percent: 12 }],
        },
      ],
      now,
    ),
  ];
}
