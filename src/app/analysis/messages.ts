// What the main thread and the analysis thread say to each other. Both call the other's methods (lib/rpc.ts).
import type { JobOutcome } from "../../analyse/index.ts";
import type { DocumentsQuery } from "../../model/analysis.ts";
import type { AnalysisSettings } from "../../model/analysis-settings.ts";
import type { Event, EventQuery } from "../../model/event.ts";
import type { FactChange, FactHistory, HeldFact } from "../../model/facts.ts";
import type { FindingChange, FindingsQuery, HeldFinding } from "../../model/finding.ts";
import type { LiveEntity } from "../../model/fleet.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { Task } from "../../model/inventory.ts";
import type { HeldDocument, PackedDocument } from "../../store/index.ts";

/** The fleet as it is now, in parts: one message with everything would keep a click waiting. */
export interface SnapshotPart {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly entities: readonly LiveEntity[];
  readonly facts: readonly HeldFact[];
  readonly tasks: readonly Task[];
  /** Clusters whose own history is still being imported. */
  readonly importing: readonly ClusterId[];
}

/** What came of a run; its rows are in the store already. */
export interface RanJob extends Pick<JobOutcome, "summary" | "findings"> {
  readonly documents: readonly PackedDocument[];
}

/** Methods of the analysis thread. */
export interface AnalysisThread {
  take(part: SnapshotPart): Promise<void>;
  configure(settings: AnalysisSettings): Promise<void>;
  run(job: string, nowMs: number): Promise<RanJob>;
  ask(question: string, nowMs: number, input: unknown): Promise<unknown>;
}

/** Methods of the main thread, where the state database lies. */
export interface AnalysisRecords {
  events(query: EventQuery): Promise<readonly Event[]>;
  factChanges(filter: Parameters<FactHistory["changes"]>[0]): Promise<readonly FactChange[]>;
  findings(query: FindingsQuery): Promise<readonly HeldFinding[]>;
  finding(id: string): Promise<HeldFinding | undefined>;
  findingChanges(id: string, limit: number): Promise<readonly FindingChange[]>;
  documents(query: DocumentsQuery): Promise<readonly HeldDocument[]>;
  progress(job: string, done: number, total: number): Promise<void>;
}
