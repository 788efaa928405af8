// What has to be known of a cluster before it can be polled, and is looked at again every ten minutes: its release,
// what that release can do, the certificates of its members, and what our token may see.
import type { Clock } from "../lib/clock.ts";
import {
  type Capabilities,
  capabilitiesOf,
  nodes,
  nodeVersion,
  type Permissions,
  requireSupported,
  version,
} from "../pve/index.ts";
import type { PolledPve } from "./polled-cluster.ts";
import { judgeRights, type RightsVerdict } from "./rights.ts";

const refreshEveryMs = 10 * 60_000;

export class ClusterLink {
  readonly #pve: PolledPve;
  readonly #clock: Clock;
  readonly #versions = new Map<string, string>();
  #release: string | null = null;
  #capabilities: Capabilities | null = null;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #rightsPrint: number | undefined;
  #rights: RightsVerdict | null = null;

  constructor(pve: PolledPve, clock: Clock, rightsPrint: number | undefined) {
    this.#pve = pve;
    this.#clock = clock;
    this.#rightsPrint = rightsPrint;
  }

  get release(): string | null {
    return this.#release;
  }

  get capabilities(): Capabilities | null {
    return this.#capabilities;
  }

  get versions(): ReadonlyMap<string, string> {
    return this.#versions;
  }

  /** null until the rights were read once. */
  get rights(): RightsVerdict | null {
    return this.#rights;
  }

  get isDue(): boolean {
    return this.#clock.monotonic() - this.#refreshedAt >= refreshEveryMs;
  }

  /** The first call decides whether the cluster can be polled at all; throws what the client throws. */
  async refresh(): Promise<void> {
    const { data, endpoint } = await version(this.#pve);
    requireSupported(data.version, endpoint);
    this.#release = data.release;
    this.#capabilities = capabilitiesOf(data.version);
    this.#refreshedAt = this.#clock.monotonic();
  }

  /** Certificates and versions of the members; what one node does not tell is asked again next time. */
  async learnMembers(names: readonly string[]): Promise<void> {
    const { data } = await nodes(this.#pve);
    this.#pve.learnFingerprints(data.rows.map(({ node, sslFingerprint }) => ({ name: node, sha256: sslFingerprint })));
    const answers = await Promise.allSettled(
      names.map(async (node) => ({
        node,
        version: (await nodeVersion(this.#pve, node, { priority: "background" })).data.version,
      })),
    );
    for (const answer of answers)
      if (answer.status === "fulfilled") this.#versions.set(answer.value.node, answer.value.version);
  }

  /** Returns the verdict, and remembers the rights as the new reference while listings are complete. */
  judge(held: Permissions): RightsVerdict {
    const verdict = judgeRights(held, this.#release ?? "8.0", this.#rightsPrint);
    if (verdict.complete) this.#rightsPrint = verdict.print;
    this.#rights = verdict;
    return verdict;
  }
}
