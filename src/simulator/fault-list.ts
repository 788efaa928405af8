// What is made to fail on demand, by a test in the process or over POST /simulator/faults.
import { z } from "zod";

const match = {
  /** Path without /api2/json; `*` is one part, `**` any number. Absent: every path. */
  path: z.string().optional(),
  /** The called node. */
  node: z.string().optional(),
  method: z.string().optional(),
  /** How often it strikes before it is spent; absent: always. */
  times: z.number().int().positive().optional(),
};

/** Ways to spoil the body of an otherwise good answer. */
const bodies = ["truncated", "html", "null-data", "wrong-types", "nan", "huge", "gzip-bomb"] as const;

export const Fault = z.discriminatedUnion("kind", [
  /** The whole host is gone: its guests stop, corosync notices, other nodes answer 595 or 596 for it. */
  z.strictObject({
    kind: z.literal("dead-node"),
    node: z.string(),
    mode: z.enum(["refuse", "hang"]).default("refuse"),
  }),
  /** Only the node's pveproxy is gone; the node itself lives on. */
  z.strictObject({
    kind: z.literal("dead-proxy"),
    node: z.string(),
    mode: z.enum(["refuse", "hang"]).default("refuse"),
  }),
  /** Calls that another node would forward to this one fail on the way, while its own door is open. */
  z.strictObject({
    kind: z.literal("forward"),
    node: z.string(),
    status: z.union([z.literal(595), z.literal(596), z.literal(599)]).default(595),
    text: z.string().optional(),
  }),
  /**
   * What a node measures of a guest's counters. `zero`: QEMU does not answer, disk counters read 0 while uptime grows.
   * `stuck`: no counter moves. `backwards`: all of them fall by a tenth.
   */
  z.strictObject({
    kind: z.literal("counters"),
    vmid: z.number().int(),
    mode: z.enum(["zero", "stuck", "backwards"]),
  }),
  z.strictObject({ kind: z.literal("delay"), ms: z.number().nonnegative(), ...match }),
  /** The connection ends after so many bytes of the body. */
  z.strictObject({ kind: z.literal("cut"), afterBytes: z.number().int().nonnegative().default(100), ...match }),
  z.strictObject({ kind: z.literal("status"), status: z.number().int().min(400).max(599), text: z.string(), ...match }),
  z.strictObject({ kind: z.literal("body"), body: z.enum(bodies), ...match }),
  /** Values freeze and expire after five minutes. */
  z.strictObject({ kind: z.literal("pvestatd-hung"), node: z.string() }),
  /**
   * `inactive`: PVE notices and reports it as inactive. `stalls`: a hard mount that never answers; calls that look into it
   * hang, and so does pvestatd on the node, whose values freeze.
   */
  z.strictObject({
    kind: z.literal("storage-hung"),
    storage: z.string(),
    node: z.string().optional(),
    mode: z.enum(["inactive", "stalls"]).default("inactive"),
  }),
  z.strictObject({ kind: z.literal("clock-skew"), node: z.string(), ms: z.number() }),
  z.strictObject({ kind: z.literal("no-quorum") }),
  /** Tokens keep working but have no rights any more. */
  z.strictObject({ kind: z.literal("permissions-lost"), tokenId: z.string().optional() }),
]);
export type Fault = z.infer<typeof Fault>;
export type FaultInput = z.input<typeof Fault>;
type Kind = Fault["kind"];
export type FaultOf<K extends Kind> = Extract<Fault, { kind: K }>;

export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly node: string;
}

interface Entry {
  readonly id: string;
  readonly fault: Fault;
  left: number;
}

export class FaultList {
  readonly #entries = new Map<string, Entry>();
  #next = 1;
  #apply: () => Promise<void> = () => Promise.resolve();

  /** Called after each change; the promise of `set` and `clear` waits for it. */
  onChange(apply: () => Promise<void>): void {
    this.#apply = apply;
  }

  /** Adds a fault and returns its id, once listeners and nodes are as it says. */
  async set(fault: FaultInput): Promise<string> {
    const parsed = Fault.parse(fault);
    const id = `f${this.#next++}`;
    const times = "times" in parsed ? parsed.times : undefined;
    this.#entries.set(id, { id, fault: parsed, left: times ?? Number.POSITIVE_INFINITY });
    await this.#apply();
    return id;
  }

  /** Removes one fault, or all. */
  async clear(id?: string): Promise<void> {
    if (id === undefined) this.#entries.clear();
    else this.#entries.delete(id);
    await this.#apply();
  }

  list(): readonly (Fault & { readonly id: string })[] {
    return [...this.#entries.values()].map(({ id, fault }) => ({ id, ...fault }));
  }

  all<K extends Kind>(kind: K): readonly FaultOf<K>[] {
    return [...this.#entries.values()]
      .map((entry) => entry.fault)
      .filter((fault): fault is FaultOf<K> => fault.kind === kind);
  }

  /** The first fault of a kind that strikes this request; one of its `times` is used up. */
  strike<K extends "delay" | "cut" | "status" | "body">(kind: K, target: FaultTarget): FaultOf<K> | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.fault.kind !== kind || entry.left <= 0) continue;
      const fault = entry.fault as FaultOf<K>;
      if (!strikes(fault, target)) continue;
      entry.left--;
      if (entry.left === 0) this.#entries.delete(entry.id);
      return fault;
    }
    return undefined;
  }
}

function strikes(fault: FaultOf<"delay" | "cut" | "status" | "body">, target: FaultTarget): boolean {
  if (fault.node !== undefined && fault.node !== target.node) return false;
  if (fault.method !== undefined && fault.method !== target.method) return false;
  return fault.path === undefined || pattern(fault.path).test(target.path);
}

function pattern(path: string): RegExp {
  const parts = path.split("**").map((part) => part.split("*").map(escapeRegExp).join("[^/]+"));
  return new RegExp(`^${parts.join(".*")}$`);
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
