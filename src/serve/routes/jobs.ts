// GET /api/v1/jobs
import type { Routes } from "../context.ts";
import { JobItem, jobItem } from "../items/record-items.ts";
import { addList } from "../lists/list-route.ts";

export const jobs: Routes = (app, context) => {
  addList<JobItem>(app, context, {
    name: "jobs",
    summary: "Work that Pilothouse does by itself",
    permission: "jobs:read",
    item: JobItem,
    items: (fleet) => fleet.jobs().map(jobItem),
    id: (item) => item.id,
    searchable: (item) => [item.id, item.summary, item.last_result],
    filters: { state: (item) => [item.state] },
    defaultSort: "id",
  });
};
