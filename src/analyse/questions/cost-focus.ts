// One day of costs in FOCUS columns; an export asks day by day, so that no answer is large.
import { z } from "zod";
import { inScope, type Scope } from "../../model/access.ts";
import type { CostLine } from "../../model/cost-ledger.ts";
import type { FocusRow } from "../../model/focus.ts";
import { parseEntityId } from "../../model/ids.ts";
import { periodsOf } from "../cost/bookkeeping.ts";
import { dayPeriod, daysBetween } from "../cost/calendar.ts";
import { windowOf } from "../cost/cost-window.ts";
import { focusRows } from "../cost/focus.ts";
import { defineQuestion } from "../question.ts";

const Names = z.array(z.string()).nullable();
const scope = z.object({ clusters: Names, pools: Names, tags: Names });

/** Which days a window has. */
export const costDays = defineQuestion({
  id: "cost-days",
  input: z.object({ window: z.string().max(40) }),
  answer: async ({ nowMs }, { window }): Promise<readonly string[]> => {
    const { from, to } = windowOf(window, nowMs);
    return Promise.resolve(daysBetween(dayPeriod(from).fromMs, dayPeriod(to).toMs));
  },
});

export const costFocus = defineQuestion({
  id: "cost-focus",
  input: z.object({ day: z.string(), cluster: z.string().nullable(), scope }),
  async answer(context, { day, cluster, scope: seen }): Promise<readonly FocusRow[]> {
    const isWhole = seen.pools === null && seen.tags === null;
    const rows: FocusRow[] = [];
    for (const { id, name } of context.settings.clusters) {
      if ((cluster !== null && cluster !== id) || !inScope({ ...seen, pools: null, tags: null }, { cluster: id }))
        continue;
      for (const period of await periodsOf(context, id, "day", day, day)) {
        rows.push(...focusRows({ cluster: id, clusterName: name, day: period, sees: seesBy(seen), isWhole }));
      }
    }
    return rows;
  },
});

const seesBy =
  (seen: Scope) =>
  ({ id, pool, tags }: CostLine): boolean =>
    inScope(seen, { cluster: parseEntityId(id)?.cluster ?? "", pool, tags });
