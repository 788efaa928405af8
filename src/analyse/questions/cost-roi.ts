// Return on investment, of amounts that a person enters.
import { z } from "zod";
import { roiOf } from "../cost/roi.ts";
import { defineQuestion } from "../question.ts";

const amount = z.number().min(0).max(1e12);

export const costRoi = defineQuestion({
  id: "cost-roi",
  input: z.object({
    programme_cost: amount,
    avoided_purchase: amount,
    realized_savings: amount,
    months: z.number().min(1).max(120),
  }),
  answer: async (_context, input) =>
    Promise.resolve(
      roiOf({
        programmeCost: input.programme_cost,
        avoidedPurchase: input.avoided_purchase,
        realizedSavings: input.realized_savings,
        months: input.months,
      }),
    ),
});
