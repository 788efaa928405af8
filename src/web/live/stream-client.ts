// Keeps one WebSocket to /api/v1/stream: subscribes, resumes where it was, notices silence, and comes back by itself
// after a pause that grows and is jittered, so that a thousand browsers do not return at the same moment.
import { type Frame, judgeFrame, type Position } from "./fleet-store.ts";

/** The part of a browser's WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface StreamTimers {
  /** Runs once after `ms`; returns the way to forget it. */
  after(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1. */
  random(): number;
}

export type StreamState =
  | { readonly at: "connecting"; readonly failures: number }
  | { readonly at: "open" }
  | { readonly at: "waiting"; readonly failures: number; readonly retryInMs: number };

export interface StreamOptions {
  readonly topics: readonly string[];
  readonly open: () => Socket;
  readonly timers: StreamTimers;
  readonly onFrame: (frame: Frame) => void;
  readonly onState: (state: StreamState) => void;
}

export interface StreamClient {
  start(): void;
  /** Forgets the pause and tries at once. */
  retryNow(): void;
  close(): void;
}

const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** A browser does not show a WebSocket's own pings, so we ask ourselves and expect some frame in answer. */
const pingEveryMs = 15_000;
const silenceMs = 10_000;

/** Between half of and the whole doubled pause. */
export function pauseAfter(failures: number, random: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1));
  return Math.round(pause / 2 + (pause / 2) * random);
}

export function createStreamClient({ topics, open, timers, onFrame, onState }: StreamOptions): StreamClient {
  const positions = new Map<string, Position>();
  const awaitingSnapshot = new Set<string>();
  let socket: Socket | null = null;
  let failures = 0;
  let forgetTimer = (): void => undefined;

  function connect(): void {
    forgetTimer();
    onState({ at: "connecting", failures });
    const mine = open();
    socket = mine;
    forgetTimer = timers.after(silenceMs, () => mine.close());
    mine.onopen = () => opened();
    mine.onmessage = (event) => {
      if (socket === mine) received(String(event.data));
    };
    mine.onclose = () => {
      if (socket === mine) lost();
    };
  }

  function opened(): void {
    failures = 0;
    awaitingSnapshot.clear();
    for (const topic of topics) subscribe(topic, positions.get(topic) ?? null);
    onState({ at: "open" });
    schedulePing();
  }

  function subscribe(topic: string, position: Position): void {
    send({ op: "subscribe", topic, ...(position ?? {}) });
  }

  const send = (message: object): void => socket?.send(JSON.stringify(message));

  function schedulePing(): void {
    forgetTimer();
    forgetTimer = timers.after(pingEveryMs, () => {
      send({ op: "ping" });
      const asked = socket;
      forgetTimer = timers.after(silenceMs, () => asked?.close());
    });
  }

  function received(text: string): void {
    schedulePing();
    const message = parse(text);
    if (message === null || !topics.includes(message.topic)) return;
    const position = positions.get(message.topic) ?? null;
    const verdict = judgeFrame(position, message);
    if (message.type === "gap") positions.set(message.topic, null);
    if (verdict === "resync") resync(message.topic);
    if (verdict !== "apply") return;
    awaitingSnapshot.delete(message.topic);
    positions.set(message.topic, { epoch: message.epoch, seq: message.seq });
    onFrame(message);
  }

  /** Asks once; the deltas that are still on their way would otherwise each ask again. */
  function resync(topic: string): void {
    positions.set(topic, null);
    if (awaitingSnapshot.has(topic)) return;
    awaitingSnapshot.add(topic);
    send({ op: "unsubscribe", topic });
    subscribe(topic, null);
  }

  function lost(): void {
    forgetTimer();
    socket = null;
    failures += 1;
    const retryInMs = pauseAfter(failures, timers.random());
    onState({ at: "waiting", failures, retryInMs });
    forgetTimer = timers.after(retryInMs, connect);
  }

  return {
    start: connect,
    retryNow: () => {
      if (socket === null) connect();
    },
    close: () => {
      forgetTimer();
      const open = socket;
      socket = null;
      open?.close();
    },
  };
}

function parse(text: string): Frame | null {
  try {
    const message = JSON.parse(text) as Partial<Frame>;
    return typeof message.topic === "string" && typeof message.seq === "number" ? (message as Frame) : null;
  } catch {
    return null;
  }
}
