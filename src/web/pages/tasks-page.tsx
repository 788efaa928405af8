// All tasks that are known, with a filter, and older ones on demand.
import { useState } from "preact/hooks";
import { callApi, sentence } from "../api.ts";
import type { TaskItem } from "../fleet/item.ts";
import { sortTasks, taskWords } from "../fleet/task-words.ts";
import { byId, connection, tasks } from "../live/live.ts";
import { query, setQuery } from "../location.ts";
import { JobsPanel } from "../parts/jobs-panel.tsx";
import { Empty, Loading } from "../parts/notice.tsx";
import { TaskList } from "../parts/task-list.tsx";

const states = ["all", "running", "failed"] as const;

export function TasksPage() {
  const [older, setOlder] = useState<readonly TaskItem[]>([]);
  const state = states.find((name) => name === query.value.get("state")) ?? "all";
  const text = query.value.get("q") ?? "";
  const live = tasks.value;
  const known = live === null ? null : merged(live, older);
  const shown = known?.filter(
    (task) => (state === "all" || task.state === state) && mentions(task, text.toLowerCase()),
  );
  return (
    <>
      <section class="panel" aria-label="Tasks">
        <header>
          <h1>Tasks</h1>
          <div class="panel-tools">
            {states.map((name) => (
              <button
                key={name}
                type="button"
                class="plain"
                aria-pressed={state === name}
                onClick={() => setQuery({ state: name === "all" ? null : name })}
              >
                {name}
              </button>
            ))}
            <input
              type="search"
              class="small"
              placeholder="Filter tasks"
              aria-label="Filter tasks"
              value={text}
              onInput={(event) => setQuery({ q: event.currentTarget.value === "" ? null : event.currentTarget.value })}
            />
          </div>
        </header>
        {shown === undefined &&
          (connection.value.at === "lost" ? (
            <Empty>Tasks could not be loaded; it is tried again by itself.</Empty>
          ) : (
            <Loading what="tasks" />
          ))}
        {shown?.length === 0 && (
          <Empty>{known?.length === 0 ? "No tasks in PVE's task list yet." : "No task matches."}</Empty>
        )}
        {shown !== undefined && shown.length > 0 && <TaskList tasks={sortTasks(shown)} label="Tasks" />}
        {live !== null && live.length > 0 && <Older onMore={(more) => setOlder((before) => [...before, ...more])} />}
      </section>
      <JobsPanel />
    </>
  );
}

function merged(live: readonly TaskItem[], older: readonly TaskItem[]): readonly TaskItem[] {
  const seen = new Set(live.map((task) => task.upid));
  return [...live, ...older.filter((task) => !seen.has(task.upid))];
}

function mentions(task: TaskItem, text: string): boolean {
  const guest = task.guest_id === null ? "" : (byId.value.get(task.guest_id)?.name ?? "");
  return [taskWords(task), task.type, task.node, task.user, task.exit_status ?? "", guest]
    .join("\n")
    .toLowerCase()
    .includes(text);
}

/** Loads page after page until nothing older is kept. */
function Older({ onMore }: { readonly onMore: (tasks: readonly TaskItem[]) => void }) {
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const [words, setWords] = useState("show older tasks");
  if (cursor === null) return <p class="notice">No older tasks are kept.</p>;
  const load = async (): Promise<void> => {
    setWords("loading…");
    try {
      const more = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await callApi<{ readonly items: readonly TaskItem[]; readonly next: string | null }>(
        `/tasks?limit=200${more}`,
      );
      onMore(page.items);
      setCursor(page.next);
      setWords("show older tasks");
    } catch (error) {
      setWords(`${sentence(error)}; try again`);
    }
  };
  return (
    <p class="notice">
      <button type="button" class="plain" onClick={() => void load()}>
        {words}
      </button>
    </p>
  );
}
