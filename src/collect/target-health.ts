// What our own questions to a cluster tell: problems by class of error, and the up, age and duration series per target.

import { describeError } from "../lib/errors.ts";
import type { CollectorEvent } from "../model/collector.ts";
import { type ClusterId, clusterEntityId, type EntityId, nodeEntityId } from "../model/ids.ts";
import type { Severity } from "../model/problem.ts";
import {
  PveAnswerError,
  PveAuthError,
  PveOverloadedError,
  PvePermissionError,
  PveTooOldError,
  PveTrustError,
  PveUnreachableError,
} from "../pve/index.ts";

interface Kind {
  readonly code: string;
  readonly severity: Severity;
  readonly remedy: string;
}

/** Every class of failure is one problem; `certain` ones are raised at once, the others at the second failure in a row. */
const kinds: readonly (readonly [matches: (error: unknown) => boolean, certain: boolean, kind: Kind])[] = [
  [
    (error) => error instanceof PveTrustError,
    true,
    {
      code: "certificate_mismatch",
      severity: "critical",
      remedy:
        "Compare the fingerprint on the node itself; if the certificate was renewed, run `pilothouse init` again to confirm the new one.",
    },
  ],
  [
    (error) => error instanceof PveAuthError,
    true,
    {
      code: "token_refused",
      severity: "critical",
      remedy:
        "Check that the API token (or user) exists, is enabled and has not expired, and that the secret in the configuration is its own; then `pilothouse reload`.",
    },
  ],
  [
    (error) => error instanceof PvePermissionError,
    true,
    {
      // Not privilege_missing, which is said of the rights as a whole and would take turns with this text.
      code: "call_forbidden",
      severity: "warning",
      remedy: "Give the role to the user and to the token on /; `pilothouse doctor` prints the lines.",
    },
  ],
  [
    (error) => error instanceof PveTooOldError,
    true,
    { code: "pve_too_old", severity: "critical", remedy: "Upgrade the cluster." },
  ],
  [
    (error) => error instanceof PveAnswerError,
    false,
    {
      code: "bad_answer",
      severity: "warning",
      remedy: "Look at what answers on this address: a proxy or a login page in between gives HTML instead of data.",
    },
  ],
  [
    (error) => error instanceof PveOverloadedError,
    false,
    {
      code: "request_budget",
      severity: "warning",
      remedy: "Raise limits.requests_per_second for this cluster, or the poll period.",
    },
  ],
  [
    (error) => error instanceof PveUnreachableError,
    false,
    {
      code: "unreachable",
      severity: "critical",
      remedy: "Check that the node is up, that pveproxy runs on it, and that a firewall lets us through to its port.",
    },
  ],
  [
    () => true,
    false,
    {
      code: "refused",
      severity: "warning",
      remedy: "Look at the task log and `journalctl -u pveproxy -u pvedaemon` of the node.",
    },
  ],
];

export class TargetHealth {
  readonly #cluster: ClusterId;
  readonly #event: (event: CollectorEvent) => void;
  readonly #failures = new Map<string, number>();
  readonly #raised = new Map<EntityId, Map<string, Set<string>>>();

  constructor(cluster: ClusterId, event: (event: CollectorEvent) => void) {
    this.#cluster = cluster;
    this.#event = event;
  }

  /** `target`: a question, for instance "resources" or "export/pve1"; `node` when the answer is one node's business. */
  ok(target: string, node: string | null): void {
    this.#failures.delete(target);
    const subject = this.#subject(node);
    const codes = this.#raised.get(subject);
    for (const [code, targets] of codes ?? []) {
      if (targets.delete(target) && targets.size === 0) {
        codes?.delete(code);
        this.#event({ type: "problem-cleared", code, subject });
      }
    }
  }

  failed(target: string, node: string | null, error: unknown): void {
    const failures = (this.#failures.get(target) ?? 0) + 1;
    this.#failures.set(target, failures);
    const found = kinds.find(([matches]) => matches(error));
    if (found === undefined || (!found[1] && failures < 2)) return;
    const [, , { code, severity, remedy }] = found;
    const subject = this.#subject(node);
    const codes = this.#raised.get(subject) ?? new Map<string, Set<string>>();
    this.#raised.set(subject, codes);
    codes.set(code, (codes.get(code) ?? new Set()).add(target));
    this.#event({
      type: "problem",
      problem: { code, subject, severity, message: sentence(describeError(error)), remedy },
    });
  }

  #subject(node: string | null): EntityId {
    return node === null ? clusterEntityId(this.#cluster) : nodeEntityId(this.#cluster, node);
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
