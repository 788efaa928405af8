// How each node's samples are asked for: at its own address where we know one, otherwise through another node.
import { type Capabilities, metricsExport, type PveAnswer } from "../pve/index.ts";
import type { PolledPve } from "./polled-cluster.ts";

export interface ExportAnswer {
  readonly points: readonly unknown[];
  readonly receivedBytes: number;
  readonly durationMs: number;
  /** The nodes whose samples were asked for. */
  readonly nodes: readonly string[];
}

export interface ExportQuestion {
  /** "export/pve1", or "export/*" for the form that answers for several nodes at once. */
  readonly key: string;
  readonly nodes: readonly string[];
  readonly ask: () => Promise<ExportAnswer>;
}

/**
 * One generation is asked twice: the samples that are held already give the next rate its base line, and a node whose
 * clock runs ahead of its own samples never computes an empty range.
 */
const overlapS = 10;

/** `markOf` gives the newest sample held from a node, in ms; 0 asks for all that the node remembers (30 minutes). */
export function exportQuestions(
  pve: PolledPve,
  capabilities: Capabilities,
  nodes: readonly string[],
  markOf: (node: string) => number,
): ExportQuestion[] {
  const since = (marks: readonly number[]): { startTime?: number } => {
    const least = Math.min(...marks);
    return least > 0 ? { startTime: Math.floor(least / 1000) - overlapS } : {};
  };
  const direct = nodes.filter((node) => pve.reaches(node) === "direct");
  const forwarded = nodes.filter((node) => pve.reaches(node) !== "direct");
  const questions = direct.map(
    (node): ExportQuestion => ({
      key: `export/${node}`,
      nodes: [node],
      ask: async () =>
        answerOf([node], await metricsExport(pve, { node, history: true, localOnly: true, ...since([markOf(node)]) })),
    }),
  );
  if (forwarded.length === 0) return questions;
  if (capabilities.exportNodeList) {
    return [
      ...questions,
      ...forwarded.map(
        (node): ExportQuestion => ({
          key: `export/${node}`,
          nodes: [node],
          ask: async () =>
            answerOf(
              [node],
              await metricsExport(pve, { history: true, localOnly: false, nodeList: [node], ...since([markOf(node)]) }),
            ),
        }),
      ),
    ];
  }
  // The old form asks all nodes one after the other; the answers of nodes that are asked directly are passed over.
  return [
    ...questions,
    {
      key: "export/*",
      nodes: forwarded,
      ask: async () =>
        answerOf(
          forwarded,
          await metricsExport(pve, { history: true, localOnly: false, ...since(forwarded.map(markOf)) }),
        ),
    },
  ];
}

const answerOf = (
  nodes: readonly string[],
  { data, receivedBytes, durationMs }: PveAnswer<{ points: readonly unknown[] }>,
): ExportAnswer => ({
  points: data.points,
  receivedBytes,
  durationMs,
  nodes,
});
