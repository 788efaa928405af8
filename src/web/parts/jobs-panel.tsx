// The work that Pilothouse does by itself: when, how it went, and for operators a way to run it now.
import { useState } from "preact/hooks";
import { callApi, sentence } from "../api.ts";
import { now } from "../clock.ts";
import type { State } from "../fleet/entity-state.ts";
import { type JobItem, momentOf } from "../fleet/item.ts";
import { formatDuration, formatMoment, formatWhen } from "../format.ts";
import { jobs } from "../live/live.ts";
import { me } from "../session.ts";
import { StateMark } from "./state-mark.tsx";

export function JobsPanel() {
  if (jobs.value.length === 0) return null;
  return (
    <section class="panel" aria-label="Jobs">
      <header>
        <h2>Jobs of Pilothouse</h2>
      </header>
      <table class="tasks jobs" aria-label="Jobs">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Result</th>
            <th scope="col" class="right">
              Last run
            </th>
            <th scope="col" class="right">
              Duration
            </th>
            <th scope="col">Schedule (UTC)</th>
          </tr>
        </thead>
        <tbody>
          {jobs.value.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const markOf: Readonly<Record<string, State>> = { running: "fine", waiting: "fine", failed: "failed" };

function JobRow({ job }: { readonly job: JobItem }) {
  const started = momentOf(job.last_started_at);
  const result = resultWords(job);
  return (
    <tr class={job.state === "failed" ? "failed" : ""}>
      <td class="what" title={job.id}>
        <StateMark state={markOf[job.state] ?? "stopped"} words={job.state} /> {job.summary}
      </td>
      <td class="how" title={result}>
        {result}
      </td>
      <td class="right dim when" title={started === null ? "" : formatMoment(started)}>
        {started === null ? "not yet" : formatWhen(started, now.value)}
      </td>
      <td class="right dim took">{job.last_duration_ms === null ? "" : durationWords(job.last_duration_ms)}</td>
      <td class="dim who">
        {job.schedule ?? "once"} <RunNow job={job} />
      </td>
    </tr>
  );
}

function resultWords({ state, progress, last_result }: JobItem): string {
  if (state === "waiting") return "waits for its turn";
  if (state !== "running") return last_result ?? "";
  return progress === null ? "running" : `running, ${progress.done} of ${progress.total}`;
}

const durationWords = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms / 1000));

const mayRun = new Set(["operator", "admin"]);

/** The store's own jobs run when it is their time; those of analysis whenever somebody wants a result. */
function RunNow({ job }: { readonly job: JobItem }) {
  const [trouble, setTrouble] = useState<string | null>(null);
  if (!mayRun.has(me.value?.role ?? "") || !job.on_demand || job.state === "running") return null;
  const run = (): void => {
    setTrouble(null);
    callApi(`/jobs/${encodeURIComponent(job.id)}/run`, { method: "POST" }).catch((error: unknown) =>
      setTrouble(sentence(error)),
    );
  };
  return (
    <button type="button" class="plain" onClick={run} title={trouble ?? `Run ${job.id} now`}>
      {trouble === null ? "run" : "cannot be run"}
    </button>
  );
}
