// A line of what grows most.
import { z } from "zod";
import type { GrowthDocument, GrowthList, GrowthRow } from "../../model/growth.ts";
import { parseEntityId } from "../../model/ids.ts";
import { findMetric } from "../../model/metrics.ts";
import { isoTime } from "./time.ts";

export const GrowthItem = z
  .object({
    id: z.string(),
    cluster: z.string(),
    kind: z.string(),
    name: z.string(),
    field: z.string(),
    unit: z.string(),
    slope_per_day: z.number().describe("Of the Theil–Sen line through its daily means, in its unit"),
    growth: z.number().describe("What that line rises by from its first to its last point"),
    growth_ratio: z.number().nullable().describe("growth / mean"),
    share_ratio: z.number().describe("Part of what all that grew of this kind and field has grown by"),
    mean: z.number(),
    points: z.number(),
    first: z.string().nullable().describe("ISO 8601, UTC"),
    last: z.string().nullable(),
  })
  .meta({ id: "Growth" });
export type GrowthItem = z.infer<typeof GrowthItem>;

export const growthItems = ({ lists }: GrowthDocument, nameOf: (id: string) => string | undefined): GrowthItem[] =>
  lists.flatMap((list) =>
    list.rows.flatMap((row) => {
      const name = nameOf(row.id);
      return name === undefined ? [] : [growthItem(list, row, name)];
    }),
  );

const growthItem = ({ kind, metric }: GrowthList, row: GrowthRow, name: string): GrowthItem => ({
  id: row.id,
  cluster: parseEntityId(row.id)?.cluster ?? "",
  kind,
  name,
  field: metric,
  unit: findMetric(kind, metric)?.unit ?? "",
  slope_per_day: row.slopePerDay,
  growth: row.growth,
  growth_ratio: row.mean === 0 ? null : row.growth / row.mean,
  share_ratio: row.share,
  mean: row.mean,
  points: row.points,
  first: isoTime(row.firstMs),
  last: isoTime(row.lastMs),
});
