// Progress of jobs for people: bars where a terminal shows them, plain lines elsewhere.
import type { ProcessEdge } from "./command.ts";

/** As the running service tells it. */
export interface ProgressJob {
  readonly id: string;
  readonly summary: string;
  readonly state: string;
  readonly last_result: string | null;
  readonly progress: {
    readonly done: number;
    readonly total: number;
    readonly requests: number | null;
    readonly remaining_ms: number | null;
  } | null;
}

const lookEveryMs = 1_000;

/** "import/demo  45 %  1200 of 2700 · 1450 requests · about 12 min left" */
export function progressLine(job: ProgressJob): string {
  return `${job.id}  ${percentOf(job)} %  ${detailOf(job)}`;
}

/** Draws until no job runs any more. Off a terminal a line is written every few seconds. */
export async function showBars(read: () => Promise<readonly ProgressJob[]>, { stderr }: ProcessEdge): Promise<void> {
  const { MultiBar } = await import("cli-progress");
  const bars = new MultiBar({
    format: "{id} {bar} {percentage} % {detail}",
    stream: stderr,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
    hideCursor: true,
    barsize: 30,
    linewrap: false,
  });
  const drawn = new Map<string, ReturnType<typeof bars.create>>();
  try {
    for (;;) {
      const jobs = await read();
      for (const job of jobs) {
        const { done, total } = job.progress ?? { done: 0, total: 0 };
        const bar = drawn.get(job.id) ?? bars.create(total, done, { id: job.id, detail: "" });
        drawn.set(job.id, bar);
        bar.setTotal(total);
        bar.update(done, { detail: detailOf(job) });
      }
      if (!jobs.some(isUnderWay)) return;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  } finally {
    bars.stop();
  }
}

const isUnderWay = ({ state }: ProgressJob): boolean => state === "running" || state === "waiting";

function percentOf({ progress }: ProgressJob): number {
  if (progress === null || progress.total === 0) return 100;
  return Math.floor((100 * progress.done) / progress.total);
}

function detailOf(job: ProgressJob): string {
  const { progress, last_result } = job;
  if (progress === null || !isUnderWay(job)) return last_result ?? job.state;
  const { done, total, requests, remaining_ms } = progress;
  return [
    `${done} of ${total}`,
    ...(requests === null ? [] : [`${requests} requests`]),
    ...(remaining_ms === null ? [] : [`about ${durationWords(remaining_ms)} left`]),
    ...(job.state === "waiting" ? ["waits, because the cluster answers slowly"] : []),
  ].join(" · ");
}

function durationWords(ms: number): string {
  if (ms < 90_000) return `${Math.ceil(ms / 1000)} s`;
  return ms < 90 * 60_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
