// Tasks as PVE's own task log lists them: what, where, how it ended, when, by whom.
import { now } from "../clock.ts";
import type { State } from "../fleet/entity-state.ts";
import { momentOf, type TaskItem } from "../fleet/item.ts";
import { taskWords } from "../fleet/task-words.ts";
import { formatAge, formatDuration, formatMoment, formatWhen } from "../format.ts";
import { byId } from "../live/live.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";
import { StateMark } from "./state-mark.tsx";

const markOf: Readonly<Record<TaskItem["state"], State>> = {
  running: "fine",
  ok: "stopped",
  warning: "warning",
  failed: "failed",
  unknown: "unknown",
};

export function TaskList({ tasks, label }: { readonly tasks: readonly TaskItem[]; readonly label: string }) {
  return (
    <table class="tasks" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Description</th>
          <th scope="col">Node</th>
          <th scope="col">Status</th>
          <th scope="col" class="right">
            Start time
          </th>
          <th scope="col" class="right">
            Duration
          </th>
          <th scope="col">User name</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <TaskRow key={task.upid} task={task} />
        ))}
      </tbody>
    </table>
  );
}

function TaskRow({ task }: { readonly task: TaskItem }) {
  const started = momentOf(task.started_at) ?? now.value;
  const guest = task.guest_id === null ? undefined : byId.value.get(task.guest_id);
  return (
    <tr class={task.state}>
      <td class="what" title={task.upid}>
        <StateMark state={markOf[task.state]} words={task.state} /> {taskWords(task)}
        {guest !== undefined && (
          <>
            {" "}
            <Link to={entityPath(guest.id)}>{guest.name}</Link>
          </>
        )}
      </td>
      <td class="dim where">{task.node}</td>
      <td class="how" title={task.exit_status ?? ""}>
        {statusWords(task)}
      </td>
      <td class="right dim when" title={formatMoment(started)}>
        {formatWhen(started, now.value)}
      </td>
      <td class="right dim took">{durationWords(task, started)}</td>
      <td class="dim who">{task.user}</td>
    </tr>
  );
}

function statusWords({ state, exit_status }: TaskItem): string {
  if (state === "running") return "running";
  return exit_status ?? (state === "ok" ? "OK" : state);
}

function durationWords(task: TaskItem, startedMs: number): string {
  if (task.state === "running") return formatAge((now.value - startedMs) / 1000);
  const ended = momentOf(task.ended_at);
  return ended === null ? "" : formatDuration((ended - startedMs) / 1000);
}
