// Starts a simulated Proxmox VE cluster behind a real HTTPS port: for the demo, `pilothouse simulate` and tests.
import { type Clock, systemClock } from "../lib/clock.ts";
import { startWorker } from "../lib/worker.ts";
import { makeCertificate } from "./certificate.ts";
import { dispatch } from "./dispatcher.ts";
import type { Release } from "./entities.ts";
import { type DoorMode, Listeners } from "./listeners.ts";
import { createRandom, hash } from "./random.ts";
import { SimulatorState } from "./state.ts";

export type { Release } from "./entities.ts";
export type { Fault, FaultInput } from "./fault-list.ts";
export type { SimulatorState } from "./state.ts";
export type { Truth } from "./truth.ts";

export interface SimulatorOptions {
  /** Default 6. */
  readonly nodes?: number;
  /** Default 120. */
  readonly guests?: number;
  /** Default 9.2. */
  readonly release?: Release;
  /** Nodes that run another release, by name: a cluster in the middle of an upgrade. */
  readonly releases?: Readonly<Record<string, Release>>;
  /** Epoch milliseconds until which every node ran 8.4: RRD has 8's coarse steps for the time before. */
  readonly upgradedAt?: number;
  readonly seed?: number;
  /** Whether the nodes run Ceph themselves; default from 5 nodes on. */
  readonly ceph?: boolean;
  /** Virtual seconds per real second, default 1; at 0 the clock stands until `advance`. */
  readonly speed?: number;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1, where every node gets a loopback address of its own. */
  readonly host?: string;
  /** Epoch milliseconds of the virtual clock at the start; default now. */
  readonly startAt?: number;
  /**
   * The day that the planted past is laid around, in epoch milliseconds; default the day of `startAt`. Give the same
   * at every start to meet the same cluster again.
   */
  readonly anchorAt?: number;
  readonly clusterName?: string;
  /** Every node on a port of its own at `host`, in place of addresses of their own. */
  readonly perNodePorts?: boolean;
  /** PVE's 3,000 by default; tests set 0. */
  readonly unauthorizedDelayMs?: number;
  /** How long a call waits for a silent other node: 30,000. */
  readonly proxyTimeoutMs?: number;
  /** How long the cluster-wide export waits per silent node: 20,000. */
  readonly fanOutTimeoutMs?: number;
  /** How long QEMU waits for a guest agent that hangs: 5,000; a slow one takes half of it. */
  readonly agentTimeoutMs?: number;
}

/** Where the simulator is and how to get in. */
export interface SimulatorAccess {
  readonly url: string;
  readonly nodeUrls: Readonly<Record<string, string>>;
  readonly port: number;
  /** AA:BB:… SHA-256 of the certificate that all nodes share. */
  readonly fingerprint: string;
  readonly caPem: string;
  /** A token with PVEAuditor on /. */
  readonly tokenId: string;
  readonly tokenSecret: string;
}

export interface RunningSimulator extends SimulatorAccess {
  /** Virtual epoch milliseconds. */
  now(): number;
  /** Moves the virtual clock ahead and lets everything that falls due happen. */
  advance(ms: number): void;
  readonly state: SimulatorState;
  close(): Promise<void>;
}

const dayMs = 86_400_000;

export async function startSimulator(
  options: SimulatorOptions & { readonly clock?: Clock } = {},
): Promise<RunningSimulator> {
  const clock = options.clock ?? systemClock;
  const state = createState(options, clock);
  const nodes = [...state.nodes.values()];
  const host = options.host ?? "127.0.0.1";
  const addresses = nodes.flatMap((node) => [node.name, node.ip]);
  const certificate = await makeCertificate([host, "localhost", ...addresses]);
  const dispatching = {
    state,
    certificate,
    sleep: (ms: number) => clock.sleep(ms),
    unauthorizedDelayMs: options.unauthorizedDelayMs ?? 3000,
    proxyTimeoutMs: options.proxyTimeoutMs ?? 30_000,
    fanOutTimeoutMs: options.fanOutTimeoutMs ?? 20_000,
    agentTimeoutMs: options.agentTimeoutMs ?? 5000,
  };
  const listeners = await Listeners.open({
    nodes,
    host,
    port: options.port ?? 0,
    perNodePorts: options.perNodePorts ?? false,
    certificate,
    handle: (called, request, response) => {
      dispatch(dispatching, called, request, response).catch(() => request.socket.destroy());
    },
  });
  state.faults.onChange(() => applyFaults(state, listeners));
  // Keeps the rounds going while nobody asks, so that the next answer does not pay for all of them.
  const heart = setInterval(() => state.catchUp(), 1000).unref();
  const secret = uuidOf(state.seed);
  const token = state.access.createToken({ token: "pilothouse", secret, roles: [{ role: "PVEAuditor" }] });
  return {
    url: `https://${host}:${listeners.port}`,
    nodeUrls: listeners.urls(),
    port: listeners.port,
    fingerprint: certificate.fingerprint,
    caPem: certificate.pem,
    ...token,
    now: () => {
      state.catchUp();
      return Math.round(state.nowS * 1000);
    },
    advance: (ms) => {
      state.timeline.skip(ms);
      state.catchUp();
    },
    state,
    close: async () => {
      clearInterval(heart);
      await listeners.close();
    },
  };
}

/** What `startSimulatorWorker` can hand over a thread's border. */
export interface SimulatorWorker extends SimulatorAccess {
  close(): Promise<void>;
}

/** The same in a thread of its own, so that its arithmetic does not delay the caller. */
export function startSimulatorWorker(options: SimulatorOptions = {}): Promise<SimulatorWorker> {
  const worker = startWorker("./worker.ts", import.meta.url, { workerData: options });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message: SimulatorAccess | { readonly failed: string }) => {
      if ("failed" in message) {
        reject(new Error(message.failed));
        return;
      }
      resolve({
        ...message,
        close: async () => {
          await worker.terminate();
        },
      });
    });
  });
}

function createState(options: SimulatorOptions, clock: Clock): SimulatorState {
  const startAt = options.startAt ?? clock.now();
  const anchorAt = options.anchorAt ?? startAt;
  const nodes = options.nodes ?? 6;
  return new SimulatorState({
    nodes,
    ceph: options.ceph ?? nodes >= 5,
    guests: options.guests ?? 120,
    release: options.release ?? "9.2",
    seed: options.seed ?? 1,
    speed: options.speed ?? 1,
    startAt,
    anchorAt: Math.floor(anchorAt / dayMs) * dayMs,
    clusterName: options.clusterName ?? "demo",
    clock,
    ...(options.releases === undefined ? {} : { releases: options.releases }),
    ...(options.upgradedAt === undefined ? {} : { upgradedAt: options.upgradedAt }),
  });
}

async function applyFaults(state: SimulatorState, listeners: Listeners): Promise<void> {
  state.catchUp();
  state.applyNodeFaults();
  const shut = new Map<string, DoorMode>();
  for (const fault of [...state.faults.all("dead-proxy"), ...state.faults.all("dead-node")]) {
    shut.set(fault.node, fault.mode);
  }
  for (const node of state.nodes.keys()) await listeners.setMode(node, shut.get(node) ?? "open");
}

/** The token's secret follows from the seed: it opens nothing but this simulator. */
function uuidOf(seed: number): string {
  const hex = createRandom(hash(seed, 77)).hex(32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
