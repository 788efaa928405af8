// One sentence for a cluster: what runs out first, and whether a node may fail.
import type { CapacityDocument, CapacityLine } from "../../model/capacity.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { timeWords } from "./time-remaining.ts";

export function capacitySentence(
  { cluster: id, clustered }: Pick<ClusterModel, "cluster" | "clustered">,
  { cluster, failures }: Pick<CapacityDocument, "cluster" | "failures">,
): string {
  const remaining = cluster.guestsRemaining;
  const room =
    remaining === null
      ? ""
      : `${id} has room for ${remaining.count} more guests of its average size (${limitWords[remaining.limitedBy]})`;
  const parts = [room, firstOut(cluster.lines), clustered ? nodesSentence(failures) : ""].filter((part) => part !== "");
  return parts.length === 0 ? `Nothing is known yet of ${id}.` : `${parts.join("; ")}.`;
}

const limitWords = {
  cpu: "CPU runs out first",
  memory: "memory runs out first",
  storage: "storage runs out first",
  room: "no single node has room for another",
} as const;

/** What has the least time left, of what is known to run out at all. */
function firstOut(lines: readonly CapacityLine[]): string {
  let found: { readonly line: CapacityLine; readonly days: number } | null = null;
  for (const line of lines) {
    const { time } = line;
    const days = time.state === "over" ? -1 : time.state === "forecast" ? time.conservativeDays : null;
    if (days !== null && (found === null || days < found.days)) found = { line, days };
  }
  if (found === null) return "";
  const what = { cpu: "CPU", memory: "memory", storage: "storage" }[found.line.resource];
  return found.days < 0 ? `more ${what} is needed than is usable` : `${what} lasts ${timeWords(found.line.time)}`;
}

function nodesSentence(failures: CapacityDocument["failures"]): string {
  const total = failures.length;
  const bad = failures.filter(({ verdict }) => verdict === "no").map(({ node }) => node);
  if (total === 0) return "";
  if (bad.length === 0)
    return failures.every(({ verdict }) => verdict === "yes") ? "any node may fail" : "no node's loss strands a guest";
  if (bad.length === total) return "no node may fail";
  const named = bad.length > 4 ? `${bad.slice(0, 3).join(", ")} and ${bad.length - 3} others` : bad.join(", ");
  return `${named} may not fail`;
}
