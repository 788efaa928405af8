// Names, sizes, tags and pools of simulated guests, as a small company would have them.
import type { Archetype, GuestType } from "./entities.ts";
import type { Random } from "./random.ts";

export interface GuestPlan {
  readonly type: GuestType;
  readonly name: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly tags: readonly string[];
  readonly pool: string | undefined;
  readonly ostype: string;
  readonly balloon: boolean;
  readonly archetype: Archetype;
}

const gib = 2 ** 30;
const teams = ["shop", "billing", "data", "platform", "crm", "intranet"] as const;
const environments = ["prod", "prod", "prod", "staging", "test"] as const;

export const pools: readonly { readonly poolid: string; readonly comment: string }[] = [
  { poolid: "billing", comment: "Invoicing and payments" },
  { poolid: "crm", comment: "Customer relations" },
  { poolid: "data", comment: "Warehouse and reporting" },
  { poolid: "platform", comment: "Tools that everybody uses" },
  { poolid: "shop", comment: "The web shop" },
];

const roles: Readonly<Record<"any" | "batch" | "large", readonly string[]>> = {
  any: ["web", "api", "db", "cache", "app", "proxy", "mail", "search", "queue", "auth"],
  batch: ["etl", "report", "export", "import"],
  large: ["analytics", "legacy", "erp", "sap"],
};

/** Cores, memory in GiB and boot disk in GiB that are common together. */
const sizes = [
  [1, 1, 8],
  [2, 2, 16],
  [2, 4, 32],
  [4, 4, 32],
  [4, 8, 64],
  [4, 16, 100],
  [8, 16, 120],
] as const;
const largeSizes = [
  [8, 32, 200],
  [12, 32, 250],
  [16, 64, 500],
] as const;

export function planGuest(archetype: Archetype, index: number, random: Random): GuestPlan {
  const large = archetype === "oversized";
  const type: GuestType = random.next() < 0.65 || archetype === "template" ? "qemu" : "lxc";
  const team = random.pick(teams);
  const environment = random.pick(environments);
  const [cores, memoryGib, diskGib] = random.pick<readonly [number, number, number]>(large ? largeSizes : sizes);
  const windows = type === "qemu" && random.next() < 0.2;
  const tagged = random.next() < 0.85;
  const pooled = random.next() < 0.8 && pools.some((pool) => pool.poolid === team);
  return {
    type,
    name: guestName(archetype, team, environment, index, random),
    cores,
    memoryBytes: memoryGib * gib,
    diskBytes: diskGib * gib,
    tags: tagged && archetype !== "template" ? [`env-${environment}`, `team-${team}`] : [],
    pool: pooled ? team : undefined,
    ostype: type === "lxc" ? random.pick(["debian", "ubuntu", "alpine"]) : windows ? "win11" : "l26",
    // Without a balloon a leak would not be seen in the numbers of a VM.
    balloon: type === "qemu" && (archetype === "memory-leak" || (windows ? random.next() < 0.3 : random.next() < 0.85)),
    archetype,
  };
}

function guestName(archetype: Archetype, team: string, environment: string, index: number, random: Random): string {
  if (archetype === "template") return `debian-13-template-${index}`;
  const kind = archetype === "batch" ? "batch" : archetype === "oversized" ? "large" : "any";
  const number = String(index + 1).padStart(2, "0");
  const suffix = environment === "prod" ? "" : `-${environment}`;
  return `${team}-${random.pick(roles[kind])}-${number}${suffix}`;
}
