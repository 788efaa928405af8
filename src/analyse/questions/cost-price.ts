// What a guest that does not exist yet will cost.
import { z } from "zod";
import { InputError, NotFoundError } from "../../lib/errors.ts";
import type { PlannedPrice } from "../../model/cost-answer.ts";
import type { AnalysisContext } from "../context.ts";
import { periodsOf } from "../cost/bookkeeping.ts";
import { dayMs, dayOf } from "../cost/calendar.ts";
import { plannedPrice } from "../cost/planned-price.ts";
import { tariffAt } from "../cost/tariff.ts";
import { defineQuestion } from "../question.ts";

const Input = z.object({
  cluster: z.string(),
  type: z.enum(["qemu", "lxc"]),
  cores: z.number().min(0).max(100_000),
  memory_gib: z.number().min(0).max(1e6),
  disks: z.array(z.object({ storage: z.string(), gib: z.number().min(0).max(1e9) })).max(100),
});

export const costPrice = defineQuestion({
  id: "cost-price",
  input: Input,
  async answer(context, { cluster, type, cores, memory_gib: memoryGib, disks }): Promise<PlannedPrice> {
    const model = context.settings.clusters.find(({ id }) => id === cluster)?.costModel ?? null;
    if (!context.settings.clusters.some(({ id }) => id === cluster))
      throw new NotFoundError("There is no such cluster.");
    const tariff = model === null ? null : tariffAt(model, context.nowMs);
    if (model === null || tariff === null) throw noRates(cluster);
    const fromKey = dayOf(context.nowMs - 3 * dayMs);
    const day = (await periodsOf(context, cluster, "day", fromKey, "9999")).at(-1);
    const typed = disks.map((disk) => ({ ...disk, type: typeOf(context, cluster, disk.storage) }));
    return plannedPrice({ cluster, model, tariff, day, guest: { type, cores, memoryGib, disks: typed } });
  },
});

function noRates(cluster: string): InputError {
  const message = `no rates are in force for ${cluster}; enter them under clusters[].cost_model`;
  return new InputError(`The price cannot be said: ${message}.`, [{ pointer: "/cluster", message }]);
}

function typeOf({ fleet }: AnalysisContext, cluster: string, storage: string): string | null {
  for (const { entity } of fleet.list("storage")) {
    if (entity.kind === "storage" && entity.cluster === cluster && entity.storage === storage) return entity.pluginType;
  }
  return null;
}
