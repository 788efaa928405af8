// The clusters that the collector's thread polls: one is started, stopped or signs in in another way while the others
// go on.
import type { Log } from "../lib/log.ts";
import { Secret } from "../lib/secret.ts";
import type { ClusterId } from "../model/ids.ts";
import type { PushAnswer, PushRequest } from "../model/push.ts";
import type { AccessWay, PveCluster } from "../pve/index.ts";
import type { BareAccess, ClusterStart, CollectorCommand, KnownBefore } from "./messages.ts";

export interface RunRequest {
  readonly start: ClusterStart;
  /** Of this cluster alone. */
  readonly before: KnownBefore;
  /** Aborts when this cluster shall end. */
  readonly signal: AbortSignal;
  /** To be called with the client as soon as there is one. */
  readonly opened: (pve: Pick<PveCluster, "signInWith">) => void;
  /** To be called as soon as what is pushed can be taken in. */
  readonly takesPushes: (take: TakePush) => void;
}

type TakePush = (request: PushRequest) => Promise<PushAnswer>;

const notRunning: PushAnswer = {
  outcome: "not-ready",
  sentence: "The cluster is not watched at the moment; nothing that it pushes can be taken.",
  refused: 0,
};

interface Run {
  readonly stopping: AbortController;
  pve: Pick<PveCluster, "signInWith"> | null;
  push: TakePush | null;
  ended: Promise<void>;
}

export class ClusterRuns {
  readonly #run: (request: RunRequest) => Promise<void>;
  readonly #stopped: (cluster: ClusterId) => void;
  readonly #log: Log;
  readonly #runs = new Map<ClusterId, Run>();

  /** `run` resolves when the cluster has ended, with everything of it on its way to the store. */
  constructor(run: (request: RunRequest) => Promise<void>, stopped: (cluster: ClusterId) => void, log: Log) {
    this.#run = run;
    this.#stopped = stopped;
    this.#log = log;
  }

  take(command: CollectorCommand): void {
    if (command.type === "start") this.start(command.start, command.before);
    else if (command.type === "stop") this.#stop(command.cluster);
    else if (command.type === "access") this.#runs.get(command.cluster)?.pve?.signInWith(wayOf(command.access));
  }

  async push(request: PushRequest): Promise<PushAnswer> {
    return (await this.#runs.get(request.cluster)?.push?.(request)) ?? notRunning;
  }

  start(start: ClusterStart, before: KnownBefore): void {
    const stopping = new AbortController();
    const run: Run = { stopping, pve: null, push: null, ended: Promise.resolve() };
    const { id } = start.cluster;
    this.#runs.set(id, run);
    const opened: RunRequest["opened"] = (pve) => {
      run.pve = pve;
    };
    const takesPushes: RunRequest["takesPushes"] = (take) => {
      run.push = take;
    };
    run.ended = this.#run({ start, before, signal: stopping.signal, opened, takesPushes })
      // One cluster that cannot even be set up must not stop the others.
      .catch((error: unknown) => this.#log.error({ err: error, cluster: id }, "a cluster is not collected"));
  }

  /** Ends all of them, and resolves when they have ended. */
  async end(): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const { stopping } of runs) stopping.abort();
    await Promise.all(runs.map(({ ended }) => ended));
  }

  #stop(cluster: ClusterId): void {
    const run = this.#runs.get(cluster);
    this.#runs.delete(cluster);
    run?.stopping.abort();
    void (run?.ended ?? Promise.resolve()).then(() => this.#stopped(cluster));
  }
}

export const wayOf = (access: BareAccess): AccessWay =>
  "token" in access
    ? { token: { id: access.token.id, secret: new Secret(access.token.secret) } }
    : { login: { user: access.login.user, password: new Secret(access.login.password) } };
