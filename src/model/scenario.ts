// What-if: changes that somebody thinks of, saved under a name, combined, and committed as reservations.
import { z } from "zod";
import { ClusterId } from "./ids.ts";

const count = (most: number) => z.number().int().min(1).max(most);
const bytes = (what: string) =>
  z
    .number()
    .min(0)
    .max(2 ** 60)
    .describe(what);
const day = z.iso
  .date()
  .nullable()
  .default(null)
  .describe("From this day on (UTC); null: now. Which node may fail is judged with all changes done");

export const ScenarioChange = z
  .discriminatedUnion("change", [
    z.strictObject({
      change: z.literal("add_nodes"),
      count: count(64),
      like: z.string().max(100).nullable().default(null).describe("A node whose size the new ones have"),
      cpu_cores: z.number().min(1).max(4_096).nullable().default(null).describe("Physical cores of each"),
      cpu_threads: z.number().min(1).max(8_192).nullable().default(null).describe("null: as many as cores"),
      memory_bytes: bytes("Memory of each").nullable().default(null),
      storage_bytes: bytes("Usable storage for guests that each brings").default(0),
      at: day,
    }),
    z
      .strictObject({ change: z.literal("remove_node"), node: z.string().max(100), at: day })
      .describe(
        "Retires a node: its guests move, with their local disks where another node has a storage of that name",
      ),
    z
      .strictObject({ change: z.literal("lose_node"), node: z.string().max(100) })
      .describe("The node fails: what the four lists say happens"),
    z.strictObject({
      change: z.literal("add_guests"),
      count: count(5_000),
      like: z.string().max(200).nullable().default(null).describe("Id of a guest whose need the new ones have"),
      cpu_cores: z
        .number()
        .min(0)
        .max(4_096)
        .nullable()
        .default(null)
        .describe("Cores that each keeps busy at its peaks"),
      memory_bytes: bytes("Memory that each costs its node").nullable().default(null),
      disk_bytes: bytes("Disks of each").nullable().default(null),
      storage: z
        .string()
        .max(100)
        .nullable()
        .default(null)
        .describe("Where their disks lie; null: on a shared storage"),
      ha: z.boolean().default(true).describe("HA restarts them"),
      at: day,
    }),
    z.strictObject({
      change: z.literal("remove_guests"),
      guests: z.array(z.string().max(200)).min(1).max(5_000).describe("Ids"),
      at: day,
    }),
    z.strictObject({
      change: z.literal("grow_demand"),
      percent: z.number().min(-90).max(1_000).describe("All guests need so much more CPU and memory"),
      at: day,
    }),
  ])
  .meta({ id: "ScenarioChange" });
export type ScenarioChange = z.infer<typeof ScenarioChange>;
export type ChangeOf<Kind extends ScenarioChange["change"]> = Extract<ScenarioChange, { change: Kind }>;

export const ScenarioChanges = z.array(ScenarioChange).min(1).max(50).describe("Applied in this order");

export const scenarioStates = ["draft", "committed"] as const;

/** A document `scenario` of its cluster; the key is its id. */
export const Scenario = z
  .object({
    id: z.string(),
    cluster: ClusterId,
    name: z.string(),
    changes: ScenarioChanges,
    state: z
      .enum(scenarioStates)
      .describe("committed: its guests are subtracted from what remains until it ends or is taken back"),
    ends: z.iso.date().nullable().describe("A committed scenario counts no longer from this day on (UTC)"),
    saved_by: z.string(),
  })
  .meta({ id: "Scenario" });
export type Scenario = z.infer<typeof Scenario>;

export const startOf = ({ at }: { readonly at: string | null }): number =>
  at === null ? Number.NEGATIVE_INFINITY : Date.parse(at);

export const holdsAt = ({ state, ends }: Pick<Scenario, "state" | "ends">, nowMs: number): boolean =>
  state === "committed" && (ends === null || nowMs < Date.parse(ends));
