// What slow facts say is wrong: one rule per problem, each a function of one fact and the time. One more is one entry here.
import type { FactFields, FactsView, HeldFact } from "../model/facts.ts";
import type { FactKind } from "../model/facts-catalogue.ts";
import type { EntityId } from "../model/ids.ts";
import type { RaisedProblem, Severity } from "../model/problem.ts";

/** Where facts are about, in a person's words. */
export type NameOf = (subject: EntityId) => string;

interface Verdict {
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
}

interface FactRule {
  readonly code: string;
  readonly kind: FactKind;
  /** null: all is well. */
  readonly judge: (fact: HeldFact, now: number, name: string) => Verdict | null;
}

const dayMs = 86_400_000;
const certificateWarnMs = 14 * dayMs;

const text = (fields: FactFields, name: string): string => String(fields[name] ?? "");
const count = (fields: FactFields, name: string): number => Number(fields[name] ?? 0);
const words = (fields: FactFields, name: string): string => {
  const value = fields[name];
  return Array.isArray(value) ? value.join("; ") : "";
};

export const factRules: readonly FactRule[] = [
  {
    code: "smart_failing",
    kind: "disk",
    judge: ({ fields }, _now, name) => {
      if (!/^FAIL/i.test(text(fields, "smart"))) return null;
      return {
        severity: "critical",
        message: `SMART says that disk ${text(fields, "device")} (${text(fields, "model")}) of ${name} is failing.`,
        remedy:
          "Replace the disk; until then check that backups and redundancy are complete: `smartctl -a` on the node.",
      };
    },
  },
  {
    code: "zfs_degraded",
    kind: "zfs_pool",
    judge: ({ fields }, _now, name) => {
      const health = text(fields, "health");
      const devices = words(fields, "failing_devices");
      if ((health === "" || health === "ONLINE") && devices === "") return null;
      return {
        severity: /^(?:FAULTED|UNAVAIL|SUSPENDED|OFFLINE|REMOVED)$/.test(health) ? "critical" : "warning",
        message: `ZFS pool ${text(fields, "pool")} of ${name} is ${health || "in an unknown state"}${devices === "" ? "" : `: ${devices}`}.`,
        remedy: "Look at `zpool status` on the node, and replace what has failed.",
      };
    },
  },
  {
    code: "thin_pool_full",
    kind: "thin_pool",
    judge: ({ fields }, _now, name) => {
      const data = (100 * count(fields, "used_bytes")) / count(fields, "size_bytes");
      const metadata = (100 * count(fields, "metadata_used_bytes")) / count(fields, "metadata_size_bytes");
      const fullest = Math.max(...[data, metadata].filter((percent) => Number.isFinite(percent)), 0);
      if (fullest < 80) return null;
      const what = fullest === metadata ? "metadata" : "data";
      return {
        severity: fullest < 95 ? "warning" : "critical",
        message: `The ${what} of thin pool ${text(fields, "volume_group")}/${text(fields, "pool")} of ${name} is ${Math.floor(fullest)} % full.`,
        remedy: "Extend it (`lvextend`), or remove volumes and snapshots: at 100 % every guest on it stops.",
      };
    },
  },
  {
    code: "ceph_health",
    kind: "ceph",
    judge: ({ fields }) => {
      const health = text(fields, "health");
      if (health === "" || health === "HEALTH_OK") return null;
      return {
        severity: health === "HEALTH_WARN" ? "warning" : "critical",
        message: `Ceph says ${health}: ${words(fields, "checks") || "no reason given"}.`,
        remedy: "Look at `ceph health detail`, or at Ceph on the datacenter's page.",
      };
    },
  },
  {
    code: "replication_failing",
    kind: "replication",
    judge: ({ fields }, _now, name) => {
      if (fields["enabled"] === false || (count(fields, "failures") === 0 && text(fields, "error") === "")) return null;
      return {
        severity: "warning",
        message: `Replication ${text(fields, "job")} of ${name} to ${text(fields, "target")} fails: ${text(fields, "error") || `${count(fields, "failures")} times in a row`}.`,
        remedy:
          "Look at the job's log; until it runs again, a failover would lose what was written since the last sync.",
      };
    },
  },
  {
    code: "certificate_expiring",
    kind: "certificate",
    judge: ({ fields }, now, name) => {
      const expiresAt = fields["expires_at"];
      if (typeof expiresAt !== "number" || expiresAt - now >= certificateWarnMs) return null;
      const days = Math.floor((expiresAt - now) / dayMs);
      return {
        severity: days < 3 ? "critical" : "warning",
        message: `Certificate ${text(fields, "file")} of ${name} ${days < 0 ? "has expired" : `expires in ${days} days`}.`,
        remedy:
          "Renew it: ACME on the node's page, or `pvecm updatecerts --force` for the cluster's own; then confirm the new fingerprint here.",
      };
    },
  },
  {
    code: "backup_failed",
    kind: "backup_result",
    judge: ({ fields }, _now, name) => {
      if (text(fields, "state") !== "failed") return null;
      return {
        severity: "warning",
        message: `The last backup of ${name} failed: ${text(fields, "message")}.`,
        remedy: "Look at the log of the backup task, and run the backup again.",
      };
    },
  },
  {
    code: "backup_not_verified",
    kind: "backup",
    judge: ({ fields }, _now, name) => {
      if (text(fields, "verification") !== "failed") return null;
      return {
        severity: "critical",
        message: `A backup of ${name} on ${text(fields, "storage")} is damaged: its verification failed.`,
        remedy:
          "Make a new backup, and look at the datastore's disks: a damaged chunk may belong to other backups, too.",
      };
    },
  },
  {
    code: "not_backed_up",
    kind: "not_backed_up",
    judge: (_fact, _now, name) => {
      return {
        severity: "info",
        message: `No backup job includes ${name}.`,
        remedy: "Add it to a job at Datacenter › Backup, or leave it out on purpose.",
      };
    },
  },
  {
    code: "subscription_expired",
    kind: "subscription",
    judge: ({ fields }, _now, name) => {
      const status = text(fields, "status");
      if (!/^(?:expired|suspended|invalid)$/.test(status)) return null;
      return {
        severity: "warning",
        message: `The subscription of ${name} is ${status}: it gets no updates of the enterprise repository.`,
        remedy: "Renew it, or check the key at Subscription on the node's page.",
      };
    },
  },
  {
    code: "ha_service_error",
    kind: "ha_service",
    judge: ({ fields }, _now, name) => {
      if (!/^(?:error|fence|recovery)$/.test(text(fields, "state"))) return null;
      return {
        severity: "critical",
        message: `HA service ${text(fields, "service")} (${name}) is in state ${text(fields, "state")}.`,
        remedy: "Look at HA › Status; a service in error waits until it is disabled and enabled again.",
      };
    },
  },
];

/** All problems of all facts; several facts of one subject with the same fault become one problem. */
export function judgeFacts(facts: FactsView, now: number, nameOf: NameOf): readonly RaisedProblem[] {
  const found = new Map<string, RaisedProblem>();
  for (const { code, kind, judge } of factRules) {
    for (const fact of facts.list(kind)) {
      const verdict = judge(fact, now, nameOf(fact.subject));
      if (verdict === null) continue;
      const key = `${code} ${fact.subject}`;
      const other = found.get(key);
      found.set(key, other === undefined ? { code, subject: fact.subject, ...verdict } : joined(other, verdict));
    }
  }
  return [...found.values()];
}

const severities: readonly Severity[] = ["info", "warning", "critical"];

function joined(problem: RaisedProblem, { severity, message }: Verdict): RaisedProblem {
  const worse = severities.indexOf(severity) > severities.indexOf(problem.severity) ? severity : problem.severity;
  return { ...problem, severity: worse, message: `${problem.message} ${message}` };
}
