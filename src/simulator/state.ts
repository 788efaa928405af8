// The whole simulated cluster: what exists, what time it is, and everything that can be done to it.
import type { Clock } from "../lib/clock.ts";
import { AccessList } from "./access-list.ts";
import type { ArchiveWorld } from "./backup-archive.ts";
import { type BackupPlan, includes, planBackups } from "./backup-plan.ts";
import { buildCluster } from "./build-cluster.ts";
import { freshGuest } from "./build-guest.ts";
import { guestStorage } from "./build-storages.ts";
import { type CephPlan, planCeph } from "./ceph-plan.ts";
import { planDisks, type SimDisk } from "./disks.ts";
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
import { type HaPlan, planHa } from "./ha-plan.ts";
import { type Orphan, planOrphans } from "./orphans.ts";
import { generationS, keptGenerations, Pvestatd } from "./pvestatd.ts";
import { createRandom, hash } from "./random.ts";
import { planReplication, type ReplicationJob } from "./replication-plan.ts";
import { RequestLog } from "./request-log.ts";
import { TaskLog } from "./task-log.ts";
import { Timeline } from "./timeline.ts";
import { volumeOf } from "./volume-measure.ts";

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
  /** Whether the nodes run Ceph themselves. */
  readonly ceph: boolean;
  /** Nodes that run another release, by name. */
  readonly releases?: Readonly<Record<string, Release>>;
  /** Epoch milliseconds until which every node ran 8.4. */
  readonly upgradedAt?: number;
}

/** Guests by node: those that are there, all that ever ran there, and of these the noisy ones. */
interface NodeIndex {
  readonly revision: number;
  readonly now: Map<string, SimGuest[]>;
  readonly ever: Map<string, SimGuest[]>;
  readonly noisy: Map<string, SimGuest[]>;
}

export class SimulatorState {
  readonly release: Release;
  readonly seed: number;
  readonly clusterName: string;
  readonly anchorS: number;
  readonly nodes: ReadonlyMap<string, SimNode>;
  readonly guests = new Map<number, SimGuest>();
  readonly storages: readonly SimStorage[];
  readonly ceph: CephPlan | undefined;
  readonly disks: ReadonlyMap<string, readonly SimDisk[]>;
  readonly backups: BackupPlan;
  readonly replication: readonly ReplicationJob[];
  readonly ha: HaPlan;
  /** Volumes that no configuration names. */
  readonly orphans: readonly Orphan[];
  /** Times without measurements, planted and lived; open-ended while a node is down. */
  readonly gaps: Gap[];
  readonly access: AccessList;
  readonly faults = new FaultList();
  readonly requests: RequestLog;
  readonly tasks: TaskLog;
  readonly pvestatd: Pvestatd;
  readonly timeline: Timeline;
  /** Grows with every change of guests. */
  revision = 1;
  readonly #gone: SimGuest[] = [];
  readonly #deadSince = new Map<string, { readonly atS: number; readonly ran: readonly number[] }>();
  readonly #openGaps = new Map<string, Gap>();
  #byNode: NodeIndex | undefined;

  constructor(options: StateOptions) {
    this.release = options.release;
    this.seed = options.seed;
    this.clusterName = options.clusterName;
    this.anchorS = options.anchorAt / 1000;
    const releasesOf = (index: number): SimNode["releases"] => plannedReleases(options, `pve${index + 1}`);
    const plan = buildCluster({ ...options, anchorS: this.anchorS, releasesOf });
    this.nodes = new Map(plan.nodes.map((node) => [node.name, node]));
    for (const guest of plan.guests) this.guests.set(guest.vmid, guest);
    this.storages = plan.storages;
    this.ceph = options.ceph ? planCeph(plan.nodes, plan.storages, options.seed) : undefined;
    this.disks = planDisks({ ...plan, seed: options.seed, anchorS: this.anchorS, osds: this.ceph?.osds });
    this.backups = planBackups(plan.guests, options.seed, this.anchorS);
    this.replication = planReplication(plan.nodes, plan.guests, options.seed, this.anchorS);
    this.ha = planHa(plan.nodes, plan.guests, options.seed);
    this.orphans = planOrphans(plan.nodes, plan.storages);
    this.gaps = [...plan.gaps];
    this.access = new AccessList(options.release, options.seed, {
      pool: (path) => this.guests.get(Number(/^\/vms\/(\d+)$/.exec(path)?.[1]))?.pool,
      members: () =>
        [...this.guests.values()].flatMap(({ pool, vmid }) => (pool === undefined ? [] : [`/vms/${vmid}`])),
    });
    this.requests = new RequestLog(() => options.clock.monotonic());
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

  /** Deletes a guest as an administrator does: a task on its node says so. */
  destroyGuest(vmid: number): void {
    const { node, type } = this.guest(vmid);
    const name = type === "qemu" ? "qmdestroy" : "vzdestroy";
    const task = this.tasks.start({ node, type: name, id: String(vmid), user: "root@pam", durationS: 0 });
    task.exit = "OK";
    task.lines = () => [{ atS: task.startS, text: "TASK OK" }];
    this.deleteGuest(vmid);
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
    const from = guest.node;
    this.#endLife(guest);
    guest.node = this.#node(target).name;
    guest.storage = this.#storageOn(guest, target);
    // PVE turns the direction of a replication round when its guest moves onto the copy.
    for (const job of this.replication) if (job.guest === vmid && job.target === target) job.target = from;
    if (ran) guest.lives.push({ node: guest.node, fromS: this.nowS, toS: Number.POSITIVE_INFINITY });
    this.revision++;
  }

  /** A new process at the same place: uptime and counters begin again, as after a crash. */
  restartGuest(vmid: number): void {
    const guest = this.guest(vmid);
    this.#endLife(guest);
    guest.lives.push({ node: guest.node, fromS: this.nowS, toS: Number.POSITIVE_INFINITY });
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

  disksOf(node: string): readonly SimDisk[] {
    return this.disks.get(node) ?? [];
  }

  /** Those that ever pressed on the disks of others on a node. */
  noisyGuests(node: string): readonly SimGuest[] {
    return this.#index().noisy.get(node) ?? [];
  }

  // Backups.

  /** What the backup storages hold is read from these. */
  get archive(): ArchiveWorld {
    return { nowS: this.nowS, runsOf: (day) => this.tasks.runsOf(day) };
  }

  /** The guest of whose backups on the backup server one is broken: the one made six days before the anchor. */
  get damagedVmid(): number | undefined {
    const job = this.backups.jobs.find((candidate) => candidate.storage === "pbs-1");
    return job && [...this.guests.values()].find((guest) => includes(job, guest))?.vmid;
  }

  isDamagedBackup(vmid: number, startS: number): boolean {
    return vmid === this.damagedVmid && Math.floor((this.anchorS - startS) / 86_400) === 5;
  }

  // Nodes.

  /** Installs another release on a node at this moment. */
  upgradeNode(name: string, release: Release): void {
    this.#node(name).releases.push({ fromS: this.nowS, release });
    this.revision++;
  }

  isDead(node: string): boolean {
    return this.faults.all("dead-node").some((fault) => fault.node === node);
  }

  /** Whether corosync counts the node as a member. */
  isOnline(node: string): boolean {
    const dead = this.#deadSince.get(node);
    return dead === undefined || this.nowS - dead.atS < membershipDelayS;
  }

  /** Since when the node is gone, in epoch seconds. */
  lostAtS(node: string): number | undefined {
    return this.#deadSince.get(node)?.atS;
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
      if (this.#hangs(node.name)) this.#openGap(node.name, "hung");
      else this.#closeGap(node.name, "hung");
    }
  }

  counterFault(vmid: number): "zero" | "stuck" | "backwards" | undefined {
    return this.faults.all("counters").find((fault) => fault.vmid === vmid)?.mode;
  }

  /** Whether the node's pvestatd stands still. */
  #hangs(node: string): boolean {
    if (this.storages.some((storage) => this.storageStalls(storage.id, node))) return true;
    return this.faults.all("pvestatd-hung").some((fault) => fault.node === node);
  }

  #openGap(node: string, why: "dead" | "hung"): void {
    const key = `${why} ${node}`;
    if (this.#openGaps.has(key)) return;
    const gap = { node, fromS: this.nowS, toS: Number.POSITIVE_INFINITY };
    this.#openGaps.set(key, gap);
    this.gaps.push(gap);
  }

  #closeGap(node: string, why: "dead" | "hung"): void {
    const key = `${why} ${node}`;
    const gap = this.#openGaps.get(key);
    if (gap === undefined) return;
    this.#openGaps.delete(key);
    this.gaps[this.gaps.indexOf(gap)] = { ...gap, toS: this.nowS };
  }

  skewMs(node: string): number {
    return this.faults.all("clock-skew").reduce((sum, fault) => sum + (fault.node === node ? fault.ms : 0), 0);
  }

  measures(node: string, atS: number): boolean {
    if (this.#deadSince.has(node)) return false;
    return !this.gaps.some((gap) => gap.node === node && atS > gap.fromS && atS <= gap.toS);
  }

  storageHangs(storage: string, node: string): boolean {
    return this.faults
      .all("storage-hung")
      .some((fault) => fault.storage === storage && (fault.node === undefined || fault.node === node));
  }

  /** A storage of the node that blocks everybody who looks at it. */
  storageStalls(storage: string, node: string): boolean {
    const known = this.storages.find((candidate) => candidate.id === storage);
    return this.faults
      .all("storage-hung")
      .some(
        (fault) =>
          fault.mode === "stalls" &&
          fault.storage === storage &&
          (fault.node === undefined || fault.node === node) &&
          known !== undefined &&
          volumeOf(known, node) !== undefined,
      );
  }

  #crash(node: SimNode): void {
    const ran = this.guestsNow(node.name).filter(isRunning);
    for (const guest of ran) this.#endLife(guest);
    this.#deadSince.set(node.name, { atS: this.nowS, ran: ran.map((guest) => guest.vmid) });
    this.#openGap(node.name, "dead");
    this.revision++;
  }

  #boot(node: SimNode, ran: readonly number[]): void {
    this.#deadSince.delete(node.name);
    this.pvestatd.forget(node.name);
    node.bootedAtS = Math.floor(this.nowS);
    this.#closeGap(node.name, "dead");
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

  /** A local disk ends on the target's own pool. */
  #storageOn(guest: SimGuest, target: string): string {
    const has = (storage: SimStorage): boolean => volumeOf(storage, target) !== undefined;
    const now = this.storages.find((storage) => storage.id === guest.storage);
    if (now !== undefined && has(now)) return guest.storage;
    const images = (storage: SimStorage): boolean => storage.content.includes("images") && !storage.shared;
    return this.storages.find((storage) => has(storage) && images(storage))?.id ?? guest.storage;
  }

  #node(name: string): SimNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new RangeError(`there is no node ${name}`);
    return node;
  }

  #index(): NodeIndex {
    if (this.#byNode?.revision === this.revision) return this.#byNode;
    const index: NodeIndex = { revision: this.revision, now: new Map(), ever: new Map(), noisy: new Map() };
    const add = (map: Map<string, SimGuest[]>, node: string, guest: SimGuest): void => {
      const list = map.get(node);
      if (list === undefined) map.set(node, [guest]);
      else list.push(guest);
    };
    for (const guest of this.guests.values()) add(index.now, guest.node, guest);
    for (const guest of [...this.guests.values(), ...this.#gone]) {
      for (const node of new Set([guest.node, ...guest.lives.map((life) => life.node)])) {
        add(index.ever, node, guest);
        if (guest.load.neighbourIowait > 0) add(index.noisy, node, guest);
      }
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

function plannedReleases(options: StateOptions, node: string): SimNode["releases"] {
  const release = options.releases?.[node] ?? options.release;
  if (options.upgradedAt === undefined || release === "8.4") return [{ fromS: 0, release }];
  return [
    { fromS: 0, release: "8.4" },
    { fromS: options.upgradedAt / 1000, release },
  ];
}
