// The whole simulated cluster: what exists, what time it is, and everything that can be done to it.
import type { Clock } from "../lib/clock.ts";
import { AccessList } from "./access-list.ts";
import { buildCluster } from "./build-cluster.ts";
import { freshGuest } from "./build-guest.ts";
import { guestStorage } from "./build-storages.ts";
import {
  type Gap,
  isRunning,
  type Life,
  newestLife,
  type Release,
  type SimGuest,
  type SimNode,
  type SimStorage,
} from "./entities.ts";
import { FaultList } from "./fault-list.ts";
import { type GuestPlan, planGuest } from "./guest-plan.ts";
import { generationS, keptGenerations, Pvestatd } from "./pvestatd.ts";
import { createRandom, hash } from "./random.ts";
import { RequestLog } from "./request-log.ts";
import { TaskLog } from "./task-log.ts";
import { Timeline } from "./timeline.ts";

/** Corosync takes this long to agree that a node is gone. */
const membershipDelayS = 8;

export interface StateOptions {
  readonly nodes: number;
  readonly guests: number;
  readonly release: Release;
  readonly seed: number;
  readonly speed: number;
  readonly startAt: number;
  readonly anchorAt: number;
  readonly clusterName: string;
  readonly clock: Clock;
}

export class SimulatorState {
  readonly release: Release;
  readonly seed: number;
  readonly clusterName: string;
  readonly anchorS: number;
  readonly nodes: ReadonlyMap<string, SimNode>;
  readonly guests = new Map<number, SimGuest>();
  readonly storages: readonly SimStorage[];
  /** Times without measurements, planted and lived; open-ended while a node is down. */
  readonly gaps: Gap[];
  readonly access: AccessList;
  readonly faults = new FaultList();
  readonly requests = new RequestLog();
  readonly tasks: TaskLog;
  readonly pvestatd: Pvestatd;
  readonly timeline: Timeline;
  /** Grows with every change of guests. */
  revision = 1;
  readonly #gone: SimGuest[] = [];
  readonly #deadSince = new Map<string, { readonly atS: number; readonly ran: readonly number[] }>();
  #byNode: { revision: number; now: Map<string, SimGuest[]>; ever: Map<string, SimGuest[]> } | undefined;

  constructor(options: StateOptions) {
    this.release = options.release;
    this.seed = options.seed;
    this.clusterName = options.clusterName;
    this.anchorS = options.anchorAt / 1000;
    const plan = buildCluster({ ...options, anchorS: this.anchorS });
    this.nodes = new Map(plan.nodes.map((node) => [node.name, node]));
    for (const guest of plan.guests) this.guests.set(guest.vmid, guest);
    this.storages = plan.storages;
    this.gaps = [...plan.gaps];
    this.access = new AccessList(options.release, options.seed, {
      pool: (path) => this.guests.get(Number(/^\/vms\/(\d+)$/.exec(path)?.[1]))?.pool,
      members: () =>
        [...this.guests.values()].flatMap(({ pool, vmid }) => (pool === undefined ? [] : [`/vms/${vmid}`])),
    });
    this.timeline = new Timeline(options);
    this.tasks = new TaskLog(this);
    this.pvestatd = new Pvestatd(this);
    this.#prefill();
  }

  /** Virtual epoch seconds up to which everything has happened. */
  get nowS(): number {
    return this.timeline.nowS;
  }

  catchUp(): void {
    this.timeline.catchUp();
  }

  // Guests.

  createGuest(wish: Partial<GuestPlan> & { readonly node: string; readonly vmid?: number }): SimGuest {
    const vmid = wish.vmid ?? Math.max(99, ...this.guests.keys()) + 1;
    if (this.guests.has(vmid)) throw new RangeError(`guest ${vmid} exists already`);
    const node = this.#node(wish.node);
    const salt = hash(this.seed ^ vmid, this.revision);
    const plan = { ...planGuest(wish.archetype ?? "service", vmid, createRandom(salt)), ...wish };
    const guest = freshGuest(plan, { vmid, node, storage: guestStorage(node, salt) }, this.seed, Math.floor(this.nowS));
    this.guests.set(vmid, guest);
    this.revision++;
    return guest;
  }

  deleteGuest(vmid: number): void {
    const guest = this.guest(vmid);
    this.#endLife(guest);
    this.guests.delete(vmid);
    this.pvestatd.forgetGuest(vmid);
    this.#gone.push(guest);
    this.revision++;
  }

  startGuest(vmid: number): void {
    const guest = this.guest(vmid);
    if (isRunning(guest)) return;
    guest.lives.push({ node: guest.node, fromS: this.nowS, toS: Number.POSITIVE_INFINITY });
    this.revision++;
  }

  stopGuest(vmid: number): void {
    this.#endLife(this.guest(vmid));
    this.revision++;
  }

  /** Moves a guest; a running one gets a new process, so uptime and counters begin again. */
  migrateGuest(vmid: number, target: string): void {
    const guest = this.guest(vmid);
    const ran = isRunning(guest);
    this.#endLife(guest);
    guest.node = this.#node(target).name;
    if (ran) guest.lives.push({ node: guest.node, fromS: this.nowS, toS: Number.POSITIVE_INFINITY });
    this.revision++;
  }

  /** Changes name, tags, pool or lock of a guest. */
  changeGuest(vmid: number, change: Partial<Pick<SimGuest, "name" | "tags" | "pool" | "lock">>): void {
    Object.assign(this.guest(vmid), change);
    this.revision++;
  }

  guest(vmid: number): SimGuest {
    const guest = this.guests.get(vmid);
    if (guest === undefined) throw new RangeError(`there is no guest ${vmid}`);
    return guest;
  }

  /** The lock that a guest's configuration shows now. */
  lockOf(guest: SimGuest): string | undefined {
    return guest.lock ?? (this.tasks.backedUpNow().has(guest.vmid) ? "backup" : undefined);
  }

  guestsNow(node: string): readonly SimGuest[] {
    return this.#index().now.get(node) ?? [];
  }

  guestsEver(node: string): readonly SimGuest[] {
    return this.#index().ever.get(node) ?? [];
  }

  // Nodes.

  isDead(node: string): boolean {
    return this.faults.all("dead-node").some((fault) => fault.node === node);
  }

  /** Whether corosync counts the node as a member. */
  isOnline(node: string): boolean {
    const dead = this.#deadSince.get(node);
    return dead === undefined || this.nowS - dead.atS < membershipDelayS;
  }

  get quorate(): boolean {
    if (this.faults.all("no-quorum").length > 0) return false;
    const online = [...this.nodes.keys()].filter((node) => this.isOnline(node)).length;
    return online * 2 > this.nodes.size;
  }

  /** Brings nodes in line with the dead-node faults: guests of a dead host stop; a host that returns has rebooted. */
  applyNodeFaults(): void {
    for (const node of this.nodes.values()) {
      const dead = this.isDead(node.name);
      const since = this.#deadSince.get(node.name);
      if (dead && since === undefined) this.#crash(node);
      if (!dead && since !== undefined) this.#boot(node, since.ran);
    }
  }

  skewMs(node: string): number {
    return this.faults.all("clock-skew").reduce((sum, fault) => sum + (fault.node === node ? fault.ms : 0), 0);
  }

  measures(node: string, atS: number): boolean {
    if (this.#deadSince.has(node)) return false;
    if (this.gaps.some((gap) => gap.node === node && atS > gap.fromS && atS <= gap.toS)) return false;
    return !this.faults.all("pvestatd-hung").some((fault) => fault.node === node);
  }

  storageHangs(storage: string, node: string): boolean {
    return this.faults
      .all("storage-hung")
      .some((fault) => fault.storage === storage && (fault.node === undefined || fault.node === node));
  }

  #crash(node: SimNode): void {
    const ran = this.guestsNow(node.name).filter(isRunning);
    for (const guest of ran) this.#endLife(guest);
    this.#deadSince.set(node.name, { atS: this.nowS, ran: ran.map((guest) => guest.vmid) });
    this.gaps.push({ node: node.name, fromS: this.nowS, toS: Number.POSITIVE_INFINITY });
    this.revision++;
  }

  #boot(node: SimNode, ran: readonly number[]): void {
    this.#deadSince.delete(node.name);
    this.pvestatd.forget(node.name);
    node.bootedAtS = Math.floor(this.nowS);
    const open = this.gaps.findIndex((gap) => gap.node === node.name && gap.toS === Number.POSITIVE_INFINITY);
    const gap = this.gaps[open];
    if (gap !== undefined) this.gaps[open] = { ...gap, toS: this.nowS };
    ran.forEach((vmid, index) => {
      this.timeline.schedule(this.nowS + 30 + index * 2, () => {
        if (this.guests.get(vmid)?.node === node.name && !this.isDead(node.name)) this.startGuest(vmid);
      });
    });
  }

  #endLife(guest: SimGuest): void {
    const life = newestLife(guest);
    if (life === undefined || !isRunning(guest)) return;
    guest.lives[guest.lives.length - 1] = { ...life, toS: this.nowS } satisfies Life;
  }

  #node(name: string): SimNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new RangeError(`there is no node ${name}`);
    return node;
  }

  #index(): { now: Map<string, SimGuest[]>; ever: Map<string, SimGuest[]> } {
    if (this.#byNode?.revision === this.revision) return this.#byNode;
    const index = { revision: this.revision, now: new Map<string, SimGuest[]>(), ever: new Map<string, SimGuest[]>() };
    const add = (map: Map<string, SimGuest[]>, node: string, guest: SimGuest): void => {
      const list = map.get(node);
      if (list === undefined) map.set(node, [guest]);
      else list.push(guest);
    };
    for (const guest of this.guests.values()) add(index.now, guest.node, guest);
    for (const guest of [...this.guests.values(), ...this.#gone]) {
      for (const node of new Set([guest.node, ...guest.lives.map((life) => life.node)])) add(index.ever, node, guest);
    }
    this.#byNode = index;
    return index;
  }

  /** The half hour of rounds before the start, and from there one round after the other. */
  #prefill(): void {
    const nowS = this.nowS;
    for (const node of this.nodes.values()) {
      const firstS = this.pvestatd.nextRoundS(node, nowS - keptGenerations * generationS);
      for (let atS = firstS; atS <= nowS; atS += generationS) this.pvestatd.measure(node, atS);
      this.#scheduleRound(node, this.pvestatd.nextRoundS(node, nowS + 0.001));
    }
  }

  /** After a long jump only the rounds that would still be kept are measured. */
  #scheduleRound(node: SimNode, atS: number): void {
    this.timeline.schedule(atS, () => {
      this.pvestatd.measure(node, atS);
      const oldestS = this.timeline.target() / 1000 - keptGenerations * generationS;
      this.#scheduleRound(node, Math.max(atS + generationS, this.pvestatd.nextRoundS(node, oldestS)));
    });
  }
}
