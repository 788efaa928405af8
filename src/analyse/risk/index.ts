// The registry of what may fail. One more rule is one pure file in rules/ that is tried on planted truth, one file in
// watches/ that reads for it, and one line here.
import type { RiskRule } from "./rule.ts";
import { diskErrors } from "./watches/disk-errors.ts";
import { diskWear } from "./watches/disk-wear.ts";
import { ioPressure } from "./watches/io-pressure.ts";
import { memoryLeak } from "./watches/memory-leak.ts";
import { nodeUnstable } from "./watches/node-unstable.ts";
import { storageFull } from "./watches/storage-full.ts";
import { zfsHealth } from "./watches/zfs-health.ts";

export const riskRules: readonly RiskRule[] = [
  diskErrors,
  diskWear,
  zfsHealth,
  storageFull,
  memoryLeak,
  ioPressure,
  nodeUnstable,
];
