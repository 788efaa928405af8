// The live picture as signals: the stream feeds it, polling steps in when WebSockets do not get through.
import { computed, signal } from "@preact/signals";
import { ApiError, callApi, serverNow } from "../api.ts";
import { underBase } from "../base-path.ts";
import { problemsBySubject } from "../fleet/entity-state.ts";
import type { AnalysisItem, FindingItem, FleetItem, JobItem, ProblemItem, TaskItem } from "../fleet/item.ts";
import { enrich } from "../fleet/table-rows.ts";
import { totalsOf } from "../fleet/totals.ts";
import { about, session } from "../session.ts";
import { applyFleetFrame, applyListFrame, type FleetItems, type Frame, fleetOf } from "./fleet-store.ts";
import { createStreamClient, type Socket, type StreamState } from "./stream-client.ts";

/** null until the first answer. */
const items = signal<FleetItems | null>(null);
export const tasks = signal<readonly TaskItem[] | null>(null);
export const problems = signal<readonly ProblemItem[]>([]);
export const jobs = signal<readonly JobItem[]>([]);
/** What analysis concludes now, worst first. */
export const findings = signal<readonly FindingItem[]>([]);
/** Which results of analysis there are, and when each was new. */
export const analyses = signal<readonly AnalysisItem[]>([]);

export type Connection =
  | { readonly at: "connecting" | "live" | "polling" }
  | { readonly at: "lost"; readonly sinceMs: number; readonly retryAtMs: number | null };
export const connection = signal<Connection>({ at: "connecting" });

/** Everything there is, clusters and nodes with their sums; null until the first answer. */
export const fleet = computed<readonly FleetItem[] | null>(() =>
  items.value === null ? null : enrich(items.value.values()),
);
export const byId = computed<ReadonlyMap<string, FleetItem>>(() => fleetOf(fleet.value ?? []));
export const totals = computed(() => totalsOf(items.value?.values() ?? []));
export const openProblems = computed(() => problems.value.filter((problem) => problem.cleared_at === null));
export const problemOf = computed(() => problemsBySubject(problems.value));
export const periodSeconds = computed(() => about.value?.poll_period_seconds ?? 10);

/** After so many failures in a row WebSockets are taken to be blocked on the way (some proxies do), and lists are fetched instead. */
const failuresBeforePolling = 2;

const client = createStreamClient({
  topics: ["fleet", "tasks", "problems", "jobs", "findings", "analyses"],
  open: openSocket,
  timers: {
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  },
  onFrame: receive,
  onState: follow,
});

function openSocket(): Socket {
  const url = new URL(underBase("/api/v1/stream"), location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  // Passed on rather than handed out, because a browser's event handlers have wider types than are needed.
  const wrapped: Socket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    // A close handshake with a dead peer can take a minute; we know now.
    close: () => {
      socket.close();
      wrapped.onclose?.();
      wrapped.onclose = null;
    },
  };
  socket.onopen = () => wrapped.onopen?.();
  socket.onmessage = (event) => wrapped.onmessage?.({ data: event.data as unknown });
  socket.onclose = () => wrapped.onclose?.();
  return wrapped;
}

function receive(frame: Frame): void {
  connection.value = { at: "live" };
  if (frame.topic === "fleet") items.value = applyFleetFrame(items.value ?? new Map(), frame);
  else if (frame.topic === "tasks") tasks.value = applyListFrame(tasks.value ?? [], frame);
  else receiveList(frame);
}

/** Lists that come whole. */
function receiveList({ topic, data }: Frame): void {
  const { items: list } = data as { readonly items: readonly unknown[] };
  if (topic === "problems") problems.value = list as readonly ProblemItem[];
  else if (topic === "jobs") jobs.value = list as readonly JobItem[];
  else if (topic === "findings") findings.value = list as readonly FindingItem[];
  else if (topic === "analyses") analyses.value = list as readonly AnalysisItem[];
}

let pollTimer: ReturnType<typeof setTimeout> | undefined;

function follow(state: StreamState): void {
  if (state.at === "open") {
    clearTimeout(pollTimer);
    pollTimer = undefined;
    return;
  }
  if (state.at !== "waiting") return;
  if (state.failures >= failuresBeforePolling && pollTimer === undefined) poll();
  if (connection.value.at !== "polling") lose(serverNow() + state.retryInMs);
}

function lose(retryAtMs: number | null): void {
  const sinceMs = connection.value.at === "lost" ? connection.value.sinceMs : serverNow();
  connection.value = { at: "lost", sinceMs, retryAtMs };
}

function poll(): void {
  const again = (): void => {
    if (pollTimer !== undefined) pollTimer = setTimeout(poll, periodSeconds.value * 1000);
  };
  pollTimer = setTimeout(() => undefined, 0);
  fetchAll().then(
    () => {
      if (pollTimer !== undefined) connection.value = { at: "polling" };
      again();
    },
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) session.value = { at: "out" };
      if (pollTimer !== undefined) lose(null);
      again();
    },
  );
}

async function fetchAll(): Promise<void> {
  const kinds = ["clusters", "nodes", "guests", "storages"] as const;
  const lists = await Promise.all(kinds.map((kind) => fetchList<FleetItem>(kind)));
  const [taskList, problemList, findingList, analysisList] = await Promise.all([
    callApi<Page<TaskItem>>("/tasks?limit=200"),
    fetchList<ProblemItem>("problems"),
    fetchList<FindingItem>("findings"),
    fetchList<AnalysisItem>("analyses"),
  ]);
  items.value = fleetOf(lists.flat());
  tasks.value = taskList.items;
  problems.value = problemList;
  findings.value = findingList;
  analyses.value = analysisList;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

async function fetchList<Item>(kind: string): Promise<readonly Item[]> {
  const all: Item[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Item> = await callApi<Page<Item>>(`/${kind}?limit=1000${more}`);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

export const startLive = (): void => client.start();
export const retryNow = (): void => client.retryNow();

/** Forgets what was shown: the next reader may see other things. */
export function stopLive(): void {
  client.close();
  clearTimeout(pollTimer);
  pollTimer = undefined;
  items.value = null;
  tasks.value = null;
  problems.value = [];
  jobs.value = [];
  connection.value = { at: "connecting" };
}
