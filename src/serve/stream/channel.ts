// One topic as one scope sees it: its state, the numbers of its frames, and the last frames for those who come back.
import type { Changes, TopicState } from "./topic.ts";

export interface ChannelOptions {
  readonly topic: string;
  /** Names this run of numbers; numbers of another epoch mean nothing here. */
  readonly epoch: string;
  readonly state: TopicState;
  readonly ringFrames: number;
  readonly ringBytes: number;
}

interface RingFrame {
  readonly seq: number;
  readonly text: string;
}

export class Channel {
  readonly #options: ChannelOptions;
  readonly #ring: RingFrame[] = [];
  #ringBytes = 0;
  #seq = 0;
  /** Of the current number; made when the first one asks for it. */
  #snapshot: string | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  get seq(): number {
    return this.#seq;
  }

  /** The frame that tells of the changes, as text; undefined when there is nothing to tell. */
  publish(changes: Changes): string | undefined {
    const data = this.#options.state.update(changes);
    if (data === undefined) return undefined;
    this.#seq++;
    this.#snapshot = undefined;
    const text = this.#frame("delta", data);
    this.#remember({ seq: this.#seq, text });
    return text;
  }

  snapshot(): string {
    this.#snapshot ??= this.#frame("snapshot", this.#options.state.snapshot());
    return this.#snapshot;
  }

  /** Tells that frames were left out: the last one the client has, and the one that the snapshot behind this stands for. */
  gap(lastSeq: number): string {
    return this.#frame("gap", { from_seq: lastSeq, to_seq: this.#seq });
  }

  /** The frames after `seq`; undefined when they are not all there, so that only a snapshot helps. */
  since(epoch: string | undefined, seq: number | undefined): readonly string[] | undefined {
    if (epoch !== this.#options.epoch || seq === undefined || seq > this.#seq) return undefined;
    const missed = this.#ring.filter((frame) => frame.seq > seq);
    return missed.length === this.#seq - seq ? missed.map((frame) => frame.text) : undefined;
  }

  #frame(type: "snapshot" | "delta" | "gap", data: object): string {
    return JSON.stringify({ topic: this.#options.topic, epoch: this.#options.epoch, seq: this.#seq, type, data });
  }

  #remember(frame: RingFrame): void {
    this.#ring.push(frame);
    this.#ringBytes += frame.text.length;
    while (this.#ring.length > this.#options.ringFrames || this.#ringBytes > this.#options.ringBytes) {
      this.#ringBytes -= this.#ring.shift()?.text.length ?? 0;
    }
  }
}
