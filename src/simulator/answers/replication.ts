// Replication: the jobs of the cluster, and on each node the state of those whose guests live there.
import { ApiError } from "../api-error.ts";
import { nodeParameter, numberOf, textOf } from "../parameters.ts";
import { type ReplicationJob, replicationState } from "../replication-plan.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import { nodeOf } from "./lookup.ts";

export const replicationRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/cluster/replication",
    parameters: {},
    permission: "all",
    forwarded: false,
    answer: (call) => ({ data: visible(call).map((job) => configOf(call, job)) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/replication",
    parameters: { ...nodeParameter, guest: { type: "integer", optional: true, minimum: 100, maximum: 999_999_999 } },
    permission: "all",
    forwarded: true,
    answer: (call) => {
      const guest = numberOf(call.parameters, "guest");
      const jobs = onNode(call).filter((job) => guest === undefined || job.guest === guest);
      return { data: jobs.map((job) => statusOf(call, job)) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/replication/{id}/status",
    parameters: { ...nodeParameter, id: { type: "string" } },
    permission: "all",
    forwarded: true,
    answer: (call) => {
      const id = textOf(call.parameters, "id") ?? "";
      const job = onNode(call).find((candidate) => candidate.id === id);
      if (job === undefined) throw new ApiError(500, `no such replication job '${id}'`);
      return { data: statusOf(call, job) };
    },
  },
];

const visible = ({ state, token }: Call): readonly ReplicationJob[] =>
  state.replication.filter(
    (job) =>
      state.guests.has(job.guest) && isAllowed(state, token, { path: `/vms/${job.guest}`, privileges: ["VM.Audit"] }),
  );

function onNode(call: Call): readonly ReplicationJob[] {
  const node = nodeOf(call).name;
  return visible(call).filter((job) => call.state.guests.get(job.guest)?.node === node);
}

const configOf = ({ state }: Call, job: ReplicationJob): object => ({
  id: job.id,
  type: "local",
  guest: job.guest,
  jobnum: job.number,
  source: state.guests.get(job.guest)?.node,
  target: job.target,
  schedule: job.schedule,
  ...(job.rate === undefined ? {} : { rate: job.rate }),
});

function statusOf(call: Call, job: ReplicationJob): object {
  const now = replicationState(job, call.state.nowS);
  const failed = now.failures > 0;
  return {
    ...configOf(call, job),
    vmtype: call.state.guests.get(job.guest)?.type,
    last_try: now.lastTryS,
    last_sync: now.lastSyncS,
    next_sync: now.nextS,
    fail_count: now.failures,
    duration: now.durationS,
    ...(failed ? { error: failure(job) } : {}),
  };
}

const failure = (job: ReplicationJob): string =>
  `command 'zfs send -Rpv -- rpool/data/vm-${job.guest}-disk-0@__replicate_${job.id}__' failed: exit code 1\n`;
