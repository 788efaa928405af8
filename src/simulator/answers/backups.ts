// Backup jobs, what each takes along, and which guests no job covers.
import { parameterError } from "../api-error.ts";
import { type BackupJob, includes } from "../backup-plan.ts";
import type { SimGuest } from "../entities.ts";
import { textOf } from "../parameters.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import { type GuestVolume, volumesOf } from "../volumes.ts";

const audit = { path: "/", privileges: ["Sys.Audit"] } as const;

export const backupRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/cluster/backup",
    parameters: {},
    permission: audit,
    forwarded: false,
    answer: ({ state }) => ({ data: state.backups.jobs.map((job) => jobRow(job, state.nowS)) }),
  },
  {
    method: "GET",
    path: "/cluster/backup/{id}/included_volumes",
    parameters: { id: { type: "string" } },
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: included(call) }),
  },
  {
    method: "GET",
    path: "/cluster/backup-info/not-backed-up",
    parameters: {},
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: uncovered(call) }),
  },
];

function jobRow(job: BackupJob, nowS: number): object {
  const { select, keepDaily, keepWeekly } = job;
  return {
    id: job.id,
    type: "vzdump",
    enabled: job.enabled ? 1 : 0,
    schedule: job.schedule,
    storage: job.storage,
    mode: "snapshot",
    compress: "zstd",
    comment: job.comment,
    "notes-template": "{{guestname}}",
    "notification-mode": "notification-system",
    // Property strings are taken apart, and their numbers stay text.
    "prune-backups": {
      "keep-daily": String(keepDaily),
      ...(keepWeekly > 0 ? { "keep-weekly": String(keepWeekly) } : {}),
    },
    ...selection(select),
    ...(job.enabled ? { "next-run": nextRunS(job, nowS) } : {}),
  };
}

function selection(select: BackupJob["select"]): object {
  switch (select.kind) {
    case "all":
      return { all: 1, ...(select.exclude.length > 0 ? { exclude: select.exclude.join(",") } : {}) };
    case "pool":
      return { all: 0, pool: select.pool };
    case "vmids":
      return { all: 0, vmid: select.vmids.join(",") };
  }
}

const dayS = 86_400;

function nextRunS({ startS }: BackupJob, nowS: number): number {
  const today = Math.floor(nowS / dayS) * dayS + startS;
  return today > nowS ? today : today + dayS;
}

/** Jobs that are switched off count as well, as at PVE. */
function uncovered({ state, token }: Call): readonly object[] {
  return [...state.guests.values()]
    .filter((guest) => !state.backups.jobs.some((job) => includes(job, guest)))
    .filter((guest) => isAllowed(state, token, { path: `/vms/${guest.vmid}`, privileges: ["VM.Audit"] }))
    .map(({ vmid, name, type }) => ({ vmid, name, type }));
}

function included({ state, token, parameters }: Call): object {
  const id = textOf(parameters, "id") ?? "";
  const job = state.backups.jobs.find((candidate) => candidate.id === id);
  if (job === undefined) throw parameterError({ id: `No such job '${id}'` });
  const guests = [...state.guests.values()]
    .filter((guest) => includes(job, guest))
    .filter((guest) => isAllowed(state, token, { path: `/vms/${guest.vmid}`, privileges: ["VM.Audit"] }));
  return { leaf: 0, children: guests.map(guestNode) };
}

const guestNode = (guest: SimGuest): object => ({
  id: guest.vmid,
  name: guest.name,
  type: guest.type,
  leaf: 0,
  children: volumesOf(guest).map((volume) => volumeNode(guest, volume)),
});

/** Perl's false is the empty string. */
const volumeNode = (guest: SimGuest, volume: GuestVolume): object => ({
  id: volume.key,
  name: volume.volid,
  leaf: 1,
  included: volume.backup ? 1 : "",
  reason: reasonOf(guest, volume),
});

function reasonOf({ type }: SimGuest, { key, backup }: GuestVolume): string {
  if (type === "lxc") return key === "rootfs" ? "rootfs" : backup ? "enabled" : "disabled";
  return backup ? "enabled" : "disabled";
}
