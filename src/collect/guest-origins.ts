// When each guest began to exist, so that two guests that had the same vmid one after the other are never taken for one.
// A VM's configuration says it. A container's does not: there the list of finished tasks says when its predecessor ended.
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { EntityId } from "../model/ids.ts";
import { guestConfig, nodeTasks } from "../pve/index.ts";
import type { Pace } from "./pace.ts";
import type { PolledPve } from "./polled-cluster.ts";
import type { Round } from "./round.ts";

export interface GuestOriginsOptions {
  readonly pve: PolledPve;
  readonly pace: Pace;
  readonly log: Log;
  readonly round: Pick<
    Round,
    "nodes" | "takeUnproven" | "lacksOrigin" | "addressOf" | "guestCreated" | "guestsDestroyed"
  >;
}

/** A node keeps about a thousand finished tasks; few of them are deletions. */
const mostDeletions = 500;

export class GuestOrigins {
  readonly #options: GuestOriginsOptions;
  readonly #asked = new Map<EntityId, Promise<void>>();
  #deletions: Promise<void> | null = null;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: GuestOriginsOptions) {
    this.#options = options;
  }

  /** Called after every round: reads what is not known yet, in the background. */
  tend(signal: AbortSignal): void {
    this.#deletions ??= this.#readDeletions(signal);
    const unproven = this.#options.round.takeUnproven();
    if (unproven.length === 0) return;
    this.#reading = this.#reading.then(async () => {
      for (const id of unproven) if (!signal.aborted) await this.#read(id, signal);
    });
  }

  /** Resolves when a guest's beginning is known as well as it can be; never rejects. */
  async learn(id: EntityId, signal: AbortSignal): Promise<void> {
    await this.#deletions;
    if (this.#options.round.lacksOrigin(id)) await this.#read(id, signal);
  }

  async drain(): Promise<void> {
    await Promise.all([this.#deletions, this.#reading]);
  }

  async #readDeletions(signal: AbortSignal): Promise<void> {
    const { pve, pace, log, round } = this.#options;
    for (const node of round.nodes) {
      await pace.turn(1, signal);
      if (signal.aborted) return;
      const query = { source: "archive", type: "vzdestroy", limit: mostDeletions } as const;
      try {
        const { data } = await nodeTasks(pve, node, query, { priority: "background", signal });
        round.guestsDestroyed(data.rows);
      } catch (error) {
        log.debug({ node, reason: describeError(error) }, "finished tasks not read");
      }
    }
  }

  #read(id: EntityId, signal: AbortSignal): Promise<void> {
    const asked = this.#asked.get(id) ?? this.#readOnce(id, signal).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  /** What cannot be read now is asked again at the next start. */
  async #readOnce(id: EntityId, signal: AbortSignal): Promise<void> {
    const { pve, pace, log, round } = this.#options;
    await pace.turn(1, signal);
    const address = round.addressOf(id);
    if (address === undefined || signal.aborted) return;
    try {
      const { data } = await guestConfig(pve, address, { priority: "background", signal });
      if (data.createdAtS !== undefined) round.guestCreated(id, data.createdAtS * 1000);
    } catch (error) {
      log.debug({ guest: id, reason: describeError(error) }, "configuration not read");
    }
  }
}
