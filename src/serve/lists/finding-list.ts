// A list of findings: all of them, or those of some kinds. Without `gone` those that hold, with it past ones too.
import type { HeldFinding } from "../../model/finding.ts";
import type { App, ServeContext } from "../context.ts";
import { FindingItem, findingItem } from "../items/finding-item.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";
import { addList } from "./list-route.ts";

export interface FindingList {
  /** The last part of the address. */
  readonly name: string;
  readonly summary: string;
  /** Left out: every kind. */
  readonly kinds?: readonly string[];
}

/** As many past findings as a list looks at. */
const most = 5_000;
const severities = ["critical", "warning", "info"];

export function addFindingList(app: App, context: ServeContext, { name, summary, kinds }: FindingList): void {
  const isWanted = ({ kind }: HeldFinding): boolean => kinds === undefined || kinds.includes(kind);
  const items = async (fleet: ScopedFleet, { gone }: { readonly gone: boolean }): Promise<readonly FindingItem[]> => {
    if (!gone) return fleet.findings().filter(isWanted).map(findingItem);
    const all = await context.findings.list({ kinds, limit: most });
    return all.filter((finding) => fleet.seesSubject(finding.subject)).map(findingItem);
  };
  addList<FindingItem>(app, context, {
    name,
    summary,
    permission: "analysis:read",
    item: FindingItem,
    gone: true,
    items,
    id: (item) => item.id,
    searchable: (item) => [item.subject, item.kind, item.message],
    filters: {
      kind: (item) => [item.kind],
      severity: (item) => [item.severity],
      certainty: (item) => [item.certainty],
      cluster: (item) => [item.cluster],
      subject: (item) => [item.subject],
    },
    sortKeys: { severity: (item) => severities.indexOf(item.severity) },
    defaultSort: "severity,first_seen_at",
  });
}
