// GET /api/v1/tasks
import type { Routes } from "../context.ts";
import { TaskItem, taskItem } from "../items/record-items.ts";
import { addList } from "../lists/list-route.ts";

export const tasks: Routes = (app, context) => {
  addList<TaskItem>(app, context, {
    name: "tasks",
    summary: "PVE's tasks, running and finished",
    permission: "tasks:read",
    item: TaskItem,
    items: (fleet) => fleet.tasks().map(taskItem),
    id: (item) => item.upid,
    searchable: (item) => [item.type, item.subject, item.node, item.user, item.exit_status, item.upid],
    filters: {
      cluster: (item) => [item.cluster],
      node: (item) => [item.node],
      type: (item) => [item.type],
      state: (item) => [item.state],
      user: (item) => [item.user],
      guest_id: (item) => [item.guest_id],
    },
    defaultSort: "-started_at",
  });
};
