// Return on investment of what is done to save, over stated months: all of it entered, none of it measured here.
import type { RoiAnswer } from "../../model/cost-answer.ts";

export interface RoiInput {
  readonly programmeCost: number;
  readonly avoidedPurchase: number;
  readonly realizedSavings: number;
  readonly months: number;
}

const formula =
  "ROI = (realized savings + avoided purchase − programme cost) / programme cost, all over the stated months";

export function roiOf({ programmeCost, avoidedPurchase, realizedSavings, months }: RoiInput): RoiAnswer {
  const gain = realizedSavings + avoidedPurchase - programmeCost;
  return {
    roi: programmeCost > 0 ? Number((gain / programmeCost).toFixed(4)) : null,
    state: programmeCost > 0 ? null : "A return needs the cost of the programme, and that is 0.",
    months,
    programme_cost: programmeCost,
    avoided_purchase: avoidedPurchase,
    realized_savings: realizedSavings,
    formula,
  };
}
