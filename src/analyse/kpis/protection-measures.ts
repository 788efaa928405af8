// Backups that are young enough, and backups that were verified.
import type { HeldFact } from "../../model/facts.ts";
import type { EntityId } from "../../model/ids.ts";
import { type Given, type Measures, ofNow } from "./given.ts";

const dayMs = 86_400_000;
const verifiedWithinMs = 30 * dayMs;

export const backupMeasures: Measures = (given) => {
  const { facts, nowMs, settings } = given;
  const [backups, results] = [facts.list("backup"), facts.list("backup_result")];
  const guests = protectable(given);
  const newest = newestBackups(backups, results);
  const isRead = backups.length + results.length > 0;
  const unread = "needs backups or the logs of their tasks, has none; see the privileges of the account";
  const limit = nowMs - settings.backupMaxAgeMs;
  const withFile = new Map<EntityId, HeldFact[]>();
  for (const fact of backups) withFile.set(fact.subject, [...(withFile.get(fact.subject) ?? []), fact]);
  const backedUp = guests.filter((id) => withFile.has(id));
  return [
    ofNow(
      "backup_coverage",
      {
        protected_guests: guests.filter((id) => (newest.get(id) ?? 0) >= limit).length,
        guests_to_protect: guests.length,
      },
      isRead ? null : unread,
    ),
    ofNow(
      "recoverability",
      {
        guests_with_verified_backup: backedUp.filter((id) => isVerified(withFile.get(id) ?? [], nowMs)).length,
        guests_with_backup: backedUp.length,
      },
      backedUp.length > 0 ? null : "needs the backups on storages, has none; see the privileges of the account",
    ),
  ];
};

function protectable({ scope }: Given): readonly EntityId[] {
  return scope.guests.flatMap(({ entity }) =>
    entity.goneAt !== null || entity.template || entity.tags.includes("ph_ignore") ? [] : [entity.id],
  );
}

/** The newest backup that succeeded, by a file on a storage or by the log of its task. */
function newestBackups(backups: readonly HeldFact[], results: readonly HeldFact[]): ReadonlyMap<EntityId, number> {
  const found = new Map<EntityId, number>();
  const seen = (subject: EntityId, at: unknown): void => {
    if (typeof at === "number") found.set(subject, Math.max(found.get(subject) ?? 0, at));
  };
  for (const { subject, fields } of backups) seen(subject, fields["newest_at"]);
  for (const { subject, fields } of results) if (fields["state"] === "OK") seen(subject, fields["ended_at"]);
  return found;
}

const isVerified = (backups: readonly HeldFact[], nowMs: number): boolean =>
  backups.some(
    ({ fields }) => fields["verification"] === "ok" && Number(fields["newest_at"]) >= nowMs - verifiedWithinMs,
  );
