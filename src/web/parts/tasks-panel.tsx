// Below the table: what runs, and what ended last.

import { now } from "../clock.ts";
import { momentOf, type TaskItem } from "../fleet/item.ts";
import { sortTasks } from "../fleet/task-words.ts";
import { connection, tasks } from "../live/live.ts";
import { Link } from "./link.tsx";
import { Empty, Loading } from "./notice.tsx";
import { TaskList } from "./task-list.tsx";

const mostRows = 8;
const dayMs = 86_400_000;

export function TasksPanel({
  only,
  title = "Tasks",
}: {
  readonly only?: (task: TaskItem) => boolean;
  readonly title?: string;
}) {
  const all = tasks.value?.filter(only ?? (() => true)) ?? null;
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <div class="panel-tools">
          {all !== null && <Counts tasks={all} />}
          <Link to="/tasks">all tasks</Link>
        </div>
      </header>
      <Body tasks={all} />
    </section>
  );
}

function Counts({ tasks: all }: { readonly tasks: readonly TaskItem[] }) {
  const running = all.filter((task) => task.state === "running").length;
  const failed = all.filter(
    (task) => task.state === "failed" && (momentOf(task.ended_at) ?? 0) > now.value - dayMs,
  ).length;
  return <span class="dim">{`running ${running} · failed in 24 h ${failed}`}</span>;
}

function Body({ tasks: all }: { readonly tasks: readonly TaskItem[] | null }) {
  if (all === null)
    return connection.value.at === "lost" ? (
      <Empty>Tasks could not be loaded; it is tried again by itself.</Empty>
    ) : (
      <Loading what="tasks" />
    );
  if (all.length === 0) return <Empty>No tasks in PVE's task list yet.</Empty>;
  return <TaskList tasks={sortTasks(all).slice(0, mostRows)} label="Tasks" />;
}
