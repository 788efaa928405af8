// Takes in the answers of one round, in the order in which they explain each other, and turns them into rows, changes
// of the inventory, tasks and problems.
import type { Clock } from "../lib/clock.ts";
import { freeBuffers } from "../lib/free-buffer.ts";
import type { CollectorEvent } from "../model/collector.ts";
import type { EntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type {
  ClusterResources,
  ClusterStatus,
  GuestAddress,
  Permissions,
  PveAnswer,
  Rows,
  TaskRow,
} from "../pve/index.ts";
import { PvePermissionError, PveRefusedError, taskState } from "../pve/index.ts";
import type { ClusterLink } from "./cluster-link.ts";
import type { Drops } from "./drops.ts";
import { ExportIntake } from "./export-intake.ts";
import type { ExportAnswer, Held } from "./export-questions.ts";
import { GapList } from "./gap-list.ts";
import { Inventory } from "./inventory.ts";
import type { PolledCluster, PolledPve } from "./polled-cluster.ts";
import { pollKnowledge } from "./push/poll-knowledge.ts";
import type { PollKnowledge } from "./push/push-intake.ts";
import { PushedMoments, type PushedMomentsOf } from "./push/pushed-moments.ts";
import { Pushes } from "./push/pushes.ts";
import { RateTracker } from "./rates.ts";
import { releaseNotes } from "./release-notes.ts";
import { ResourceRows } from "./resource-rows.ts";
import { rightsMark } from "./rights.ts";
import { RowTarget } from "./row-target.ts";
import { addClusterRow, addTargetRow } from "./self-rows.ts";
import type { Outcome } from "./slots.ts";
import type { RoundTimes } from "./slowness.ts";
import { StateProblems } from "./state-problems.ts";
import { TargetHealth } from "./target-health.ts";
import { destroyedGuest, toTask } from "./task-rows.ts";

export type RoundReply =
  | { readonly kind: "link" }
  | { readonly kind: "rights"; readonly answer: PveAnswer<Permissions> }
  | { readonly kind: "status"; readonly answer: PveAnswer<ClusterStatus> }
  | { readonly kind: "resources"; readonly answer: PveAnswer<ClusterResources> }
  | { readonly kind: "tasks"; readonly answer: PveAnswer<Rows<TaskRow>> }
  | { readonly kind: "export"; readonly answer: ExportAnswer };

export interface RoundOptions {
  readonly cluster: PolledCluster;
  readonly pve: PolledPve;
  readonly clock: Clock;
  readonly known: readonly Entity[];
  readonly marks: Readonly<Record<string, number>>;
  readonly pushed: readonly PushedMomentsOf[];
  readonly link: ClusterLink;
  readonly drops: Drops;
  readonly event: (event: CollectorEvent) => void;
}

/**
 * Status names the members, rights say how far a listing can be believed, the listing says whose the samples are, and
 * tasks, which may be newer than the listing, up to when.
 */
const order: readonly RoundReply["kind"][] = ["link", "status", "rights", "resources", "tasks", "export"];
/** The main thread takes in a batch at one go, and a click waits for it: so many rows take a few milliseconds. */
const mostRowsPerBatch = 5_000;
/** A refused export is tried again after this many rounds: somebody may have given the right. */
const retryRefusedExportRounds = 60;

/** Clocks of nodes differ; what was deleted long enough before our start is in no listing of ours. */
const earlierDeletionS = 30;
/** Without export, counters are read every 30–60 s; further apart they say nothing about the time between. */
const resourcesMaxGapMs = 5 * 60_000;

export class Round {
  readonly health: TargetHealth;
  readonly gaps: GapList;
  readonly pushes: Pushes;
  readonly #options: RoundOptions;
  readonly #inventory: Inventory;
  readonly #intake: ExportIntake;
  readonly #resourceRows: ResourceRows;
  readonly #problems: StateProblems;
  readonly #failing = new Set<string>();
  readonly #destroyed = new Set<string>();
  #nodes: readonly string[] = [];
  #tasks: ReadonlyMap<string, string> = new Map();
  #status: ClusterStatus | null = null;
  #members = "";
  #missingGuests = 0;
  #lastListingAt: number | null = null;
  #startedAt: number;
  #exportRefusedFor = 0;
  #listingMs: number | undefined;
  #answersMs: number[] = [];

  constructor(options: RoundOptions) {
    const { cluster, clock, known, drops, marks, event } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.health = new TargetHealth(cluster.id, event);
    this.#problems = new StateProblems(cluster.id, event);
    this.#inventory = new Inventory(cluster.id, known);
    this.gaps = new GapList(marks);
    const pushed = new PushedMoments(options.pushed);
    this.pushes = new Pushes(pushed);
    this.#intake = new ExportIntake({ clock, inventory: this.#inventory, drops, marks, gaps: this.gaps, pushed });
    this.#resourceRows = new ResourceRows(cluster.id, this.#inventory, new RateTracker(resourcesMaxGapMs));
  }

  /** What a push has to fit to; null before the first listing, which says whose storages and samples are whose. */
  get pollKnowledge(): PollKnowledge | null {
    if (this.#lastListingAt === null) return null;
    const { cluster, clock } = this.#options;
    const { usesExport: pollsSamples } = this;
    const now = clock.now();
    return pollKnowledge({ cluster: cluster.id, inventory: this.#inventory, intake: this.#intake, pollsSamples, now });
  }

  /** Nodes worth asking: corosync sees them, or nobody says that it does not. Empty before the first listing. */
  get nodes(): readonly string[] {
    return this.#nodes;
  }

  get entities(): readonly Entity[] {
    return [...this.#inventory.list("node"), ...this.#inventory.list("storage"), ...this.#inventory.list("guest")];
  }

  /** True once samples arrive, so that history knows where to end. */
  get isReady(): boolean {
    if (this.#lastListingAt === null) return false;
    return !this.usesExport || this.nodes.some((node) => this.#intake.firstSampleOf(node) !== undefined);
  }

  /** Without the right to see nodes there is nobody to ask; then the listing has to do. */
  get usesExport(): boolean {
    if (this.#options.link.capabilities?.metricsExport !== true || this.#exportRefusedFor > 0) return false;
    return this.#lastListingAt === null || this.nodes.length > 0;
  }

  /** Rights are read at the start, with every refresh of the link, and whenever guests are missing from a listing. */
  get wantsRights(): boolean {
    return this.#options.link.rights === null || this.#missingGuests > 0 || !this.#options.link.rights.complete;
  }

  /** How long the answers took that came in since the last call. */
  takeTimes(): RoundTimes {
    const times = { listingMs: this.#listingMs, answersMs: this.#answersMs };
    this.#listingMs = undefined;
    this.#answersMs = [];
    return times;
  }

  get suspectRates(): number {
    return this.#intake.rates.suspect;
  }

  heldOf(node: string): Held {
    return this.#intake.heldOf(node);
  }

  firstSampleOf(node: string): number {
    return this.#intake.firstSampleOf(node) ?? this.#startedAt;
  }

  /** undefined when the guest is gone. */
  nodeOfGuest(id: EntityId): string | undefined {
    const guest = this.#inventory.guest(id);
    return guest?.goneAt === null ? guest.node : undefined;
  }

  /** See KnownCluster. */
  bornAt(guest: EntityId): number {
    return this.#inventory.bornAt(guest);
  }

  /** VMs whose configuration has to say when they were created. */
  takeUnproven(): readonly EntityId[] {
    return this.#inventory.takeUnproven();
  }

  lacksOrigin(guest: EntityId): boolean {
    return this.#inventory.lacksOrigin(guest);
  }

  addressOf(id: EntityId): GuestAddress | undefined {
    const guest = this.#inventory.guest(id);
    return guest?.goneAt === null ? { node: guest.node, type: guest.type, vmid: guest.vmid } : undefined;
  }

  guestCreated(id: EntityId, createdAt: number): void {
    const entity = this.#inventory.guestCreated(id, createdAt);
    const { cluster, event } = this.#options;
    if (entity !== undefined) event({ type: "inventory", cluster: cluster.id, changed: [entity] });
  }

  guestsDestroyed(rows: readonly TaskRow[]): void {
    for (const row of rows) {
      const destroyed = destroyedGuest(row);
      if (destroyed === undefined || this.#destroyed.has(row.upid)) continue;
      this.#destroyed.add(row.upid);
      this.#inventory.guestDestroyed(destroyed.vmid, destroyed.endedAt);
    }
  }

  storageOwner(storage: string): string | undefined {
    return this.#inventory.storageOwner(storage);
  }

  /** Adds to `target`, hands on with `full` what has become a large batch, and returns what is still to be handed on. */
  take(
    outcomes: readonly Outcome<RoundReply>[],
    begun: RowTarget,
    periodS: number,
    full: (target: RowTarget) => void,
  ): RowTarget {
    let target = begun;
    const rank = (outcome: Outcome<RoundReply>): number =>
      outcome.value === undefined ? -1 : order.indexOf(outcome.value.kind);
    if (this.#lastListingAt === null) this.#learnEarlierDeletions(outcomes);
    for (const outcome of [...outcomes].sort((a, b) => rank(a) - rank(b))) {
      if (outcome.value === undefined) this.#takeFailure(outcome, target, periodS);
      else this.#takeReply(outcome.key, outcome.value, outcome.durationMs, target, periodS);
      if (target.rows < mostRowsPerBatch) continue;
      full(target);
      target = new RowTarget();
    }
    // Of a node that does not answer nobody knows whether it still measures.
    const answering = this.nodes.filter((node) => !this.#failing.has(node));
    this.#problems.stale(answering.filter((node) => this.#intake.clockOf(node).isStale(this.#options.clock.now())));
    this.#problems.skew(new Map(this.nodes.map((node) => [node, this.#intake.clockOf(node).skewS])));
    if (this.#exportRefusedFor > 0) this.#exportRefusedFor -= 1;
    return target;
  }

  /**
   * At the first listing since the start: a vmid may have been given to another guest while we were away, and the first
   * samples are already the other's. Later a listing may be older than the task, and still show the deleted guest.
   */
  #learnEarlierDeletions(outcomes: readonly Outcome<RoundReply>[]): void {
    for (const { value } of outcomes) {
      if (value?.kind !== "tasks") continue;
      const before = this.#startedAt / 1000 - earlierDeletionS;
      this.guestsDestroyed(value.answer.data.rows.filter(({ endTimeS }) => (endTimeS ?? before) < before));
    }
  }

  /** A question of an earlier round that has no answer yet: the target does not answer in time. */
  stillWaiting(key: string, target: RowTarget, periodS: number): void {
    const node = nodeOf(key);
    if (node !== null) this.#noteSilent(node);
    if (isTarget(key)) this.#addDown(targetName(key), periodS * 1000, target, periodS);
  }

  #takeFailure({ key, error, durationMs }: Outcome<RoundReply>, target: RowTarget, periodS: number): void {
    const node = nodeOf(key);
    if (node !== null) this.#noteSilent(node);
    if (node !== null && error instanceof PveRefusedError) this.#intake.refused(node);
    if (node !== null && error instanceof PvePermissionError) this.#exportRefusedFor = retryRefusedExportRounds;
    this.health.failed(key, node, error);
    if (isTarget(key)) this.#addDown(targetName(key), durationMs, target, periodS);
  }

  #noteSilent(node: string): void {
    this.#failing.add(node);
    this.gaps.silent(node, () =>
      this.#inventory
        .list("guest")
        .filter((guest) => guest.node === node)
        .map((guest) => guest.id),
    );
  }

  #takeReply(key: string, reply: RoundReply, durationMs: number, target: RowTarget, periodS: number): void {
    this.health.ok(key, nodeOf(key));
    if (reply.kind !== "link") this.#answersMs.push(reply.answer.durationMs);
    if (reply.kind === "resources") this.#listingMs = reply.answer.durationMs;
    switch (reply.kind) {
      case "link":
        this.#learnMembers(this.#status);
        return;
      case "status":
        this.#takeStatus(reply.answer);
        return;
      case "rights":
        this.#takeRights(reply.answer.data, target);
        return;
      case "resources":
        this.#takeResources(reply.answer, durationMs, target, periodS);
        return;
      case "export":
        this.#takeExport(reply.answer, target, periodS);
        return;
      case "tasks":
        this.#takeTasks(reply.answer.data.rows);
        return;
    }
  }

  #takeStatus({ data, endpoint }: PveAnswer<ClusterStatus>): void {
    this.#status = data;
    this.#options.pve.learn(data.members, endpoint);
    const members = data.members
      .map((member) => `${member.name}@${member.address ?? ""}`)
      .sort()
      .join(" ");
    if (members !== this.#members) this.#learnMembers(data);
    this.#members = members;
    this.#problems.quorum(data.cluster?.quorate ?? null);
  }

  /** Runs beside the poll; what it does not learn is asked through another node meanwhile. */
  #learnMembers(status: ClusterStatus | null): void {
    const names = (status?.members ?? []).filter((member) => member.online).map((member) => member.name);
    this.#options.link.learnMembers(names).then(
      () => this.health.ok("members", null),
      (error: unknown) => this.health.failed("members", null, error),
    );
  }

  #takeRights(held: Permissions, target: RowTarget): void {
    const verdict = this.#options.link.judge(held);
    if (verdict.complete) target.marks[rightsMark] = verdict.print;
    this.#problems.rights(verdict, this.#missingGuests);
  }

  #takeResources(answer: PveAnswer<ClusterResources>, durationMs: number, target: RowTarget, periodS: number): void {
    const { cluster, clock, link, drops } = this.#options;
    const at = clock.now();
    const sinceLastS =
      this.#lastListingAt === null ? periodS : Math.max(1, Math.round((at - this.#lastListingAt) / 1000));
    const complete = (link.rights?.complete ?? false) && (this.#status?.cluster?.quorate ?? true);
    const notes = link.capabilities === null ? [] : releaseNotes(link.capabilities);
    const facts = { ...cluster, release: link.release, versions: link.versions, notes };
    const change = this.#inventory.observe({ resources: answer.data, status: this.#status, complete, at }, facts);
    drops.add("unreadable row", answer.data.rejected);
    this.#missingGuests = change.missingGuests;
    this.#lastListingAt = at;
    const online = this.#inventory.list("node").filter((node) => node.status !== "offline");
    this.#nodes = online.map((node) => node.name);
    this.#inventory.chooseStorageOwners((node) => !this.#failing.has(node) && this.nodes.includes(node));
    if (change.changed.length > 0) {
      this.#options.event({ type: "inventory", cluster: cluster.id, changed: change.changed });
    }
    const inactive = new Set(this.#nodes.flatMap((node) => [...this.#intake.inactiveStorages(node)]));
    this.#problems.states(this.#inventory.list("node"), this.#inventory.list("storage"), inactive);
    if (!this.usesExport) {
      const pushing = this.pushes.intake.pushingNodes((node) => at + this.#intake.clockOf(node).skewS * 1000);
      this.#resourceRows.add(answer.data, at, sinceLastS, target, pushing);
    }
    this.#addCounts(at, target, periodS);
    addTargetRow(target, cluster.id, at, periodS, {
      target: "@cluster",
      up: true,
      durationMs,
      receivedBytes: answer.receivedBytes,
    });
  }

  #takeExport(answer: ExportAnswer, target: RowTarget, periodS: number): void {
    const { cluster, clock, link } = this.#options;
    this.#intake.take(answer, link.capabilities?.exportIowait ?? false, target);
    const { timestampS, value, idIndex, metricIndex } = answer.points;
    freeBuffers(timestampS, value, idIndex, metricIndex);
    for (const node of answer.nodes) {
      this.#failing.delete(node);
      addTargetRow(target, cluster.id, clock.now(), periodS, {
        target: node,
        up: true,
        durationMs: answer.durationMs,
        receivedBytes: answer.receivedBytes,
        ageMs: clock.now() - this.#intake.markOf(node),
        clockSkewS: this.#intake.clockOf(node).skewS,
      });
    }
  }

  #takeTasks(rows: readonly TaskRow[]): void {
    this.guestsDestroyed(rows);
    const news = rows.filter((row) => this.#tasks.get(row.upid) !== taskState(row));
    this.#tasks = new Map(rows.map((row) => [row.upid, taskState(row)]));
    if (news.length === 0) return;
    const { cluster } = this.#options;
    const tasks = news.map((row) => toTask(cluster.id, row, (vmid) => this.#inventory.guestId(vmid)));
    this.#options.event({ type: "tasks", cluster: cluster.id, tasks });
  }

  #addCounts(at: number, target: RowTarget, periodS: number): void {
    const guests = this.#inventory.list("guest").filter((guest) => !guest.template);
    const nodes = this.#inventory.list("node");
    addClusterRow(target, this.#options.cluster.id, at, periodS, {
      nodesOnline: nodes.filter((node) => node.status === "online").length,
      nodesTotal: nodes.length,
      quorate: this.#status?.cluster?.quorate ?? null,
      guestsRunning: guests.filter((guest) => guest.status === "running").length,
      guestsTotal: guests.length,
    });
  }

  #addDown(name: string, durationMs: number, target: RowTarget, periodS: number): void {
    const { cluster, clock } = this.#options;
    const mark = name === "@cluster" ? 0 : this.#intake.markOf(name);
    const age = mark > 0 ? { ageMs: clock.now() - mark } : {};
    addTargetRow(target, cluster.id, clock.now(), periodS, { target: name, up: false, durationMs, ...age });
  }
}

/** "export/pve1" is that node's business; everything else is the cluster's. */
const nodeOf = (key: string): string | null =>
  key.startsWith("export/") && key !== "export/*" ? key.slice("export/".length) : null;
/** Not every question is a target of its own: one series for the cluster-wide calls, one per node. */
const isTarget = (key: string): boolean => key === "resources" || key.startsWith("export/");
const targetName = (key: string): string => nodeOf(key) ?? "@cluster";
