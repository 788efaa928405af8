import { beforeEach, describe, expect, it } from "vitest";
import type { Frame } from "../../src/web/live/fleet-store.ts";
import { createStreamClient, pauseAfter, type Socket, type StreamState } from "../../src/web/live/stream-client.ts";
import { must } from "./must.ts";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: object[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text) as object);
  }
  close(): void {
    this.onclose?.();
  }
  receive(type: Frame["type"], seq: number, epoch = "a"): void {
    this.onmessage?.({ data: JSON.stringify({ topic: "fleet", epoch, seq, type, data: {} }) });
  }
}

let sockets: FakeSocket[];
let timers: { ms: number; run: () => void }[];
let frames: Frame[];
let states: StreamState[];

const last = (): FakeSocket => must(sockets.at(-1));
const start = () => {
  const client = createStreamClient({
    topics: ["fleet"],
    open: () => {
      sockets.push(new FakeSocket());
      return last();
    },
    timers: {
      after: (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
      random: () => 0.5,
    },
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
  });
  client.start();
  return client;
};
const runTimer = (): void => {
  const timer = must(timers.pop());
  timer.run();
};

beforeEach(() => {
  sockets = [];
  timers = [];
  frames = [];
  states = [];
});

describe("the stream client", () => {
  it("subscribes when open and hands on frames in order", () => {
    start();
    last().onopen?.();
    last().receive("snapshot", 7);
    last().receive("delta", 8);
    last().receive("delta", 8);

    expect(last().sent).toEqual([{ op: "subscribe", topic: "fleet" }]);
    expect(frames.map(({ seq }) => seq)).toEqual([7, 8]);
  });

  it("comes back after a pause and resumes where it was", () => {
    start();
    last().onopen?.();
    last().receive("snapshot", 7);
    last().close();
    expect(states.at(-1)).toEqual({ at: "waiting", failures: 1, retryInMs: 750 });

    runTimer();
    last().onopen?.();

    expect(sockets).toHaveLength(2);
    expect(last().sent).toEqual([{ op: "subscribe", topic: "fleet", epoch: "a", seq: 7 }]);
  });

  it("asks once for a snapshot when frames are missing, and shows nothing in between", () => {
    start();
    last().onopen?.();
    last().receive("snapshot", 1);
    last().receive("delta", 3);
    last().receive("delta", 4);
    last().receive("snapshot", 4);

    expect(last().sent.slice(1)).toEqual([
      { op: "unsubscribe", topic: "fleet" },
      { op: "subscribe", topic: "fleet" },
    ]);
    expect(frames.map(({ type, seq }) => `${type} ${seq}`)).toEqual(["snapshot 1", "snapshot 4"]);
  });

  it("waits for the snapshot that follows a gap", () => {
    start();
    last().onopen?.();
    last().receive("snapshot", 1);
    last().receive("gap", 9);
    last().receive("snapshot", 9);
    last().receive("delta", 10);

    expect(frames.map(({ seq }) => seq)).toEqual([1, 9, 10]);
    expect(last().sent).toHaveLength(1);
  });

  it("gives up a silent connection", () => {
    start();
    last().onopen?.();
    runTimer();
    expect(last().sent.at(-1)).toEqual({ op: "ping" });

    runTimer();

    expect(states.at(-1)).toMatchObject({ at: "waiting" });
  });

  it("lengthens the pause up to half a minute and spreads it", () => {
    expect([1, 2, 3, 4, 5, 6, 20].map((failures) => pauseAfter(failures, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    expect(pauseAfter(3, 0)).toBe(2000);
  });
});
