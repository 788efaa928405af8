// While PVE's own history is imported, or fills what was missed: how far that is, with a thin bar.
import type { JobItem } from "../fleet/item.ts";
import { formatCount } from "../format.ts";
import { jobs } from "../live/live.ts";

export function JobProgress() {
  const running = jobs.value.filter(
    ({ id, state, progress }) => id.includes("/") && progress !== null && isUnderWay(state),
  );
  if (running.length === 0) return null;
  return (
    <ul class="job-progress" aria-label="History">
      {running.map((job) => (
        <Line key={job.id} job={job} />
      ))}
    </ul>
  );
}

const isUnderWay = (state: string): boolean => state === "running" || state === "waiting";

function Line({ job }: { readonly job: JobItem }) {
  const { done, total, remaining_ms } = job.progress ?? { done: 0, total: 0, remaining_ms: null };
  const share = total === 0 ? 0 : done / total;
  const [, cluster = ""] = job.id.split("/");
  const waits = job.state === "waiting" ? " · waits, the cluster answers slowly" : "";
  const left = remaining_ms === null || job.state === "waiting" ? "" : ` · about ${durationWords(remaining_ms)} left`;
  return (
    <li>
      <span>{`${cluster}: ${job.summary}`}</span>
      <span class="bar">
        <span class="fill" style={{ width: `${Math.floor(100 * share)}%` }} />
      </span>
      <span class="dim">{`${formatCount(done)} of ${formatCount(total)}${left}${waits}`}</span>
    </li>
  );
}

function durationWords(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.ceil(ms / 1000))} s`;
  return ms < 90 * 60_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
