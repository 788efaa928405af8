// tiers.ts in SQL: the window that a row falls into.
import type { Tier } from "../../../model/store.ts";
import { imported, type RollupTier, rrdAvg, rrdMax, windowMs } from "../../tiers.ts";

export function windowSql(tier: Tier, to: RollupTier, alias: string): string {
  const anchor = anchorSql(tier, alias);
  return `(${anchor} - ${anchor} % ${windowMs[to]})`;
}

function anchorSql(tier: Tier, alias: string): string {
  const rrd = `${alias}.origin IN (${rrdAvg}, ${rrdMax})`;
  const own = `CASE WHEN ${rrd} THEN ${alias}.ts - ${alias}.step_s * 500 ELSE ${alias}.ts END`;
  if (tier === "raw") return `(${own})`;
  return `(CASE WHEN ${alias}.derived <> ${imported} THEN ${alias}.ts + ${alias}.step_s * 500 ELSE ${own} END)`;
}
