// The channels that are in use: one for each topic and scope, made when the first client asks and kept for a while after
// the last one has gone, so that a client that comes back finds what it missed.
//
//   fleet changes ──▶ gather ──(at most 4 a second)──▶ one delta for each channel ──▶ its clients
import { randomUUID } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Scope } from "../../model/access.ts";
import type { FleetChange, FleetView } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { ServeLimits } from "../settings.ts";
import { Channel } from "./channel.ts";
import type { Topic } from "./topic.ts";

interface OpenChannel {
  readonly topic: Topic;
  readonly channel: Channel;
  /** When it was last seen in use, by the monotonic clock. */
  usedAt: number;
}

export interface ChannelsOptions {
  readonly fleet: FleetView;
  readonly clock: Clock;
  readonly limits: ServeLimits;
  /** A new frame for whoever follows the channel. */
  readonly onFrame: (topic: string, channel: Channel, text: string) => void;
  readonly isUsed: (channel: Channel) => boolean;
}

const idleMs = 120_000;

export class Channels {
  readonly #options: ChannelsOptions;
  /** Of this start of the server; each channel adds its own number to it. */
  readonly #epoch = randomUUID();
  readonly #open = new Map<string, OpenChannel>();
  readonly #stop: () => void;
  #made = 0;
  #pending = noChanges();
  #timer: NodeJS.Timeout | undefined;
  #lastFlushAt = Number.NEGATIVE_INFINITY;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    this.#stop = options.fleet.subscribe((change) => this.#gather(change));
  }

  get(topic: Topic, scope: Scope): Channel {
    const key = `${topic.name} ${scopeKey(scope)}`;
    const { fleet, limits, clock } = this.#options;
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.usedAt = clock.monotonic();
      return known.channel;
    }
    // What is pending is in the new state already; telling it again does no harm, telling it to none would.
    const channel = new Channel({
      topic: topic.name,
      epoch: `${this.#epoch}.${++this.#made}`,
      state: topic.open(fleet, scope),
      ringFrames: limits.streamRingFrames,
      ringBytes: limits.streamRingBytes,
    });
    this.#open.set(key, { topic, channel, usedAt: clock.monotonic() });
    return channel;
  }

  /** Drops channels that nobody has followed for two minutes. */
  dropIdle(): void {
    const now = this.#options.clock.monotonic();
    for (const [key, open] of this.#open) {
      if (this.#options.isUsed(open.channel)) open.usedAt = now;
      else if (now - open.usedAt > idleMs) this.#open.delete(key);
    }
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#open.clear();
  }

  #gather(change: FleetChange): void {
    if (this.#open.size === 0) return;
    if (change.type === "entities") for (const id of change.ids) this.#pending.entities.add(id);
    else this.#pending[change.type] = true;
    if (this.#timer !== undefined) return;
    const { clock, limits } = this.#options;
    const waitMs = Math.max(0, this.#lastFlushAt + limits.streamCoalesceMs - clock.monotonic());
    this.#timer = setTimeout(() => this.#flush(), waitMs);
  }

  #flush(): void {
    this.#timer = undefined;
    this.#lastFlushAt = this.#options.clock.monotonic();
    const changes = this.#pending;
    this.#pending = noChanges();
    for (const { topic, channel } of this.#open.values()) {
      const text = channel.publish(changes);
      if (text !== undefined) this.#options.onFrame(topic.name, channel, text);
    }
  }
}

interface PendingChanges {
  readonly entities: Set<EntityId>;
  tasks: boolean;
  problems: boolean;
  jobs: boolean;
  findings: boolean;
  analyses: boolean;
}

const noChanges = (): PendingChanges => ({
  entities: new Set(),
  tasks: false,
  problems: false,
  jobs: false,
  findings: false,
  analyses: false,
});

function scopeKey({ clusters, pools, tags }: Scope): string {
  const sorted = (list: readonly string[] | null): readonly string[] | null =>
    list === null ? null : [...list].sort();
  return JSON.stringify([sorted(clusters), sorted(pools), sorted(tags)]);
}
