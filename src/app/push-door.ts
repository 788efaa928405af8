// Where pushes come in: knows by its token whose a push is, and hands it to the collector.
import { createHash } from "node:crypto";
import type { RunningCollector } from "../collect/index.ts";
import type { ClusterSettings } from "../config/index.ts";
import type { ClusterId } from "../model/ids.ts";
import type { PushAnswer, PushPort, PushRequest } from "../model/push.ts";

export class PushDoor implements PushPort {
  /** By the hash of the token: how long a look-up takes tells nothing of a token. */
  #clusters: ReadonlyMap<string, ClusterId> = new Map();
  #collector: Pick<RunningCollector, "push"> | null = null;

  /** The clusters with their tokens as they are from now on. */
  learn(clusters: readonly Pick<ClusterSettings, "id" | "pushToken">[]): void {
    this.#clusters = new Map(
      clusters.flatMap(({ id, pushToken }) => (pushToken === null ? [] : [[hashOf(pushToken.reveal()), id]])),
    );
  }

  opensTo(collector: Pick<RunningCollector, "push">): void {
    this.#collector = collector;
  }

  clusterOf(token: string): ClusterId | undefined {
    return this.#clusters.get(hashOf(token));
  }

  async take(request: PushRequest): Promise<PushAnswer> {
    return (await this.#collector?.push(request)) ?? starting;
  }
}

const starting: PushAnswer = {
  outcome: "not-ready",
  sentence: "The service is starting; its clusters are polled as soon as it has.",
  refused: 0,
};

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
