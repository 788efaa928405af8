// Capacity, failures and what-if answers as the API shows them.
import { z } from "zod";
import { capacityResources } from "../../model/capacity.ts";
import { likenesses } from "../../model/class-need.ts";
import { failureVerdicts } from "../../model/node-failure.ts";

const resource = z.enum(capacityResources);
const known = (what: string) => z.number().nullable().describe(what);

const TimeRemaining = z
  .discriminatedUnion("state", [
    z.object({ state: z.literal("over") }).describe("More is needed than is usable"),
    z.object({
      state: z.literal("forecast"),
      conservative_days: known("Until the upper end of the 90 % interval passes usable; null: not within the horizon"),
      mean_days: known("Until the mean passes usable"),
      horizon_days: z.number(),
    }),
    z.object({
      state: z.literal("none"),
      code: z.string(),
      reason: z.string().describe("`needs 14 days, has 3`"),
    }),
  ])
  .meta({ id: "TimeRemaining" });

const CapacityLine = z
  .object({
    resource,
    total: known("Unshared cores, or bytes"),
    reserve: z.number().describe("Kept free for the loss of a node"),
    overhead: z.number().describe("What the hosts need for themselves, or what of a storage must stay free"),
    usable: known("total − reserve − overhead"),
    peak: known("Needed at most in the next three days"),
    peak_from: z.enum(["forecast", "p95", "newest", "none"]),
    mean: known("Mean of 30 days"),
    reserved: z.number().describe("Held by committed scenarios"),
    remaining: known("usable − peak − reserved; below 0 when there is too little"),
    time: TimeRemaining,
    notes: z.array(z.string()),
  })
  .meta({ id: "CapacityLine" });

const ScopeCapacity = z
  .object({
    kind: z.enum(["cluster", "node", "storage"]),
    id: z.string(),
    part: z.string().describe("Device class of Ceph, where a storage lies on several; else empty"),
    name: z.string(),
    lines: z.array(CapacityLine),
    guests_remaining: z
      .object({ count: z.number(), limited_by: z.enum([...capacityResources, "room"]) })
      .nullable()
      .describe("Guests of the average size that still fit"),
  })
  .meta({ id: "ScopeCapacity" });

const FailedGuest = z
  .object({
    id: z.string(),
    vmid: z.number(),
    name: z.string(),
    to: z.string().nullable().describe("A node with room for it; HA may choose another"),
    why: z.string().nullable().describe("Why it does not restart by itself"),
    loses_since: known("What was written after this moment is lost; milliseconds since the epoch"),
  })
  .meta({ id: "FailedGuest" });

const NodeFailure = z
  .object({
    node: z.string(),
    verdict: z.enum(failureVerdicts),
    sentence: z.string(),
    restarts: z.array(FailedGuest),
    restarts_with_loss: z.array(FailedGuest),
    needs_hand: z.array(FailedGuest),
    stranded: z.array(FailedGuest),
    unknown: z.array(FailedGuest).describe("Of those it is not known where their disks are"),
    quorum: z.object({ votes_left: z.number(), votes_needed: z.number(), kept: z.boolean() }).nullable(),
    ceph: z.object({ survives: z.boolean(), sentence: z.string(), also_stops: z.number() }).nullable(),
    largest_unplaced: z
      .object({ id: z.string(), name: z.string(), cpu_cores: z.number(), memory_bytes: z.number() })
      .nullable(),
    room_on_average: z.boolean().describe("All would have room at what guests need on average"),
  })
  .meta({ id: "NodeFailure" });

export const CapacityItem = z
  .object({
    name: z.string().describe("The cluster"),
    at: z.string().nullable().describe("When it was computed; ISO 8601, UTC"),
    sentence: z.string(),
    cluster: ScopeCapacity,
    nodes: z.array(ScopeCapacity),
    storages: z.array(ScopeCapacity).describe("Each backing once"),
    failures: z.array(NodeFailure),
    average_guest: z
      .object({ cpu_cores: z.number(), memory_bytes: z.number(), disk_bytes: z.number().nullable() })
      .nullable()
      .describe("Mean of what the running guests need, at their 95th percentile"),
    needs: z
      .object({ measured: z.number(), latest: z.number(), allocated: z.number() })
      .describe("How the needs of the running guests are known"),
    committed: z.array(z.string()).describe("Scenarios that are subtracted"),
    not_applicable: z.array(z.object({ name: z.string(), why: z.string() })),
  })
  .meta({ id: "Capacity" });
export type CapacityItem = z.infer<typeof CapacityItem>;

const FailureCounts = z
  .object({
    node: z.string(),
    verdict: z.enum(failureVerdicts),
    restarts: z.number(),
    restarts_with_loss: z.number(),
    needs_hand: z.number(),
    stranded: z.number(),
    unknown: z.number(),
    sentence: z.string(),
  })
  .meta({ id: "FailureCounts" });

export const WhatIfItem = z
  .object({
    sentence: z.string(),
    cluster: z.object({ before: ScopeCapacity, after: ScopeCapacity }),
    storages: z
      .array(z.object({ id: z.string(), before: ScopeCapacity, after: ScopeCapacity.nullable() }))
      .describe("Those that the changes touch; after null: gone with its node"),
    failures: z.array(
      z.object({ node: z.string(), before: FailureCounts.nullable(), after: FailureCounts.nullable() }),
    ),
    no_place: z.array(z.object({ name: z.string(), why: z.string() })).describe("Guests that no node takes any more"),
    losses: z.array(NodeFailure),
    computed_at: known(
      "Age of the forecasts it rests on, milliseconds since the epoch; null: from newest values alone",
    ),
    notes: z.array(z.string()).describe("What the answer does not take into account"),
  })
  .meta({ id: "WhatIf" });

const Range = z.object({ p50: z.number(), p95: z.number() });

export const ClassNeedItem = z
  .discriminatedUnion("state", [
    z.object({
      state: z.literal("known"),
      by: z.enum(likenesses),
      what: z.string(),
      members: z.number(),
      cpu_cores: Range.describe("Of the members' peaks: half need no more than p50, 95 of 100 no more than p95"),
      memory_bytes: Range,
      disk_bytes: Range.nullable(),
    }),
    z.object({ state: z.literal("too_few"), reason: z.string() }),
  ])
  .meta({ id: "ClassNeed" });
