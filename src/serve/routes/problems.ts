// GET /api/v1/problems
import type { Routes } from "../context.ts";
import { ProblemItem, problemItem } from "../items/record-items.ts";
import { addList } from "../lists/list-route.ts";

const severities: readonly string[] = ["info", "warning", "critical"];
const stateOf = (item: ProblemItem): "open" | "cleared" => (item.cleared_at === null ? "open" : "cleared");

export const problems: Routes = (app, context) => {
  addList<ProblemItem>(app, context, {
    name: "problems",
    summary: "What is wrong with a cluster or with Pilothouse itself; open ones first, worst first",
    permission: "problems:read",
    item: ProblemItem,
    items: (fleet) => fleet.problems().map(problemItem),
    id: (item) => JSON.stringify([item.code, item.subject, item.since_at]),
    searchable: (item) => [item.code, item.subject, item.message, item.remedy],
    filters: {
      code: (item) => [item.code],
      subject: (item) => [item.subject],
      severity: (item) => [item.severity],
      state: (item) => [stateOf(item)],
    },
    sortKeys: {
      state: stateOf,
      severity: (item) => severities.indexOf(item.severity),
    },
    defaultSort: "-state,-severity,-since_at",
  });
};
