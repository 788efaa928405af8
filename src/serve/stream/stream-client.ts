// One connection of the stream: what it follows, and what it gets when it is slower than the changes.
import type { WebSocket } from "ws";
import type { Principal } from "../../model/access.ts";
import type { Credential } from "../auth/authenticate.ts";
import type { Channel } from "./channel.ts";

/** What is used of a WebSocket. */
export type StreamSocket = Pick<WebSocket, "bufferedAmount" | "send" | "close" | "terminate" | "ping" | "on" | "once">;

export interface StreamClientOptions {
  readonly socket: StreamSocket;
  readonly principal: Principal;
  readonly credential: Credential;
  readonly bufferedBytes: number;
  readonly onSent: (topic: string) => void;
  readonly onSkip: (topic: string) => void;
}

interface Subscription {
  readonly channel: Channel;
  lastSeq: number;
  /** Frames were left out; a gap and a snapshot follow when what waits has gone. */
  skipping: boolean;
}

export class StreamClient {
  readonly principal: Principal;
  readonly credential: Credential;
  readonly #options: StreamClientOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Bytes of snapshots on their way: they may be larger than the bound and still have to get through. */
  #snapshotBytes = 0;

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.principal = options.principal;
    this.credential = options.credential;
  }

  follows(channel: Channel): boolean {
    for (const subscription of this.#subscriptions.values()) if (subscription.channel === channel) return true;
    return false;
  }

  /** Sends what was missed since `epoch` and `seq`, or a snapshot. */
  subscribe(topic: string, channel: Channel, epoch: string | undefined, seq: number | undefined): void {
    const missed = channel.since(epoch, seq);
    const subscription: Subscription = { channel, lastSeq: channel.seq, skipping: false };
    this.#subscriptions.set(topic, subscription);
    if (missed === undefined) this.#sendSnapshot(topic, channel);
    else for (const text of missed) this.#send(topic, text);
  }

  unsubscribe(topic: string): void {
    this.#subscriptions.delete(topic);
  }

  /** A new frame of a topic; skipped when too much waits already. */
  deliver(topic: string, channel: Channel, text: string): void {
    const subscription = this.#subscriptions.get(topic);
    if (subscription?.channel !== channel || subscription.skipping) return;
    if (this.#options.socket.bufferedAmount - this.#snapshotBytes > this.#options.bufferedBytes) {
      subscription.skipping = true;
      this.#options.onSkip(topic);
      return;
    }
    subscription.lastSeq = channel.seq;
    this.#send(topic, text);
  }

  #send(topic: string, text: string): void {
    this.#options.onSent(topic);
    this.#options.socket.send(text, () => this.#catchUp());
  }

  #sendSnapshot(topic: string, channel: Channel): void {
    const text = channel.snapshot();
    this.#snapshotBytes += text.length;
    this.#options.onSent(topic);
    this.#options.socket.send(text, () => {
      this.#snapshotBytes -= text.length;
      this.#catchUp();
    });
  }

  /** Called whenever something has left; what was skipped comes as its latest state. */
  #catchUp(): void {
    const { socket, bufferedBytes } = this.#options;
    for (const [topic, subscription] of this.#subscriptions) {
      if (!subscription.skipping || socket.bufferedAmount > bufferedBytes / 2) continue;
      subscription.skipping = false;
      const { channel, lastSeq } = subscription;
      subscription.lastSeq = channel.seq;
      this.#send(topic, channel.gap(lastSeq));
      this.#sendSnapshot(topic, channel);
    }
  }
}
