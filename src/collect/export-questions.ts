// How each node's samples are asked for: at its own address where we know one, otherwise through another node.
import { type Capabilities, type ExportPoints, metricsExport, type PveAnswer } from "../pve/index.ts";
import type { PolledPve } from "./polled-cluster.ts";

export interface ExportAnswer {
  readonly points: ExportPoints;
  readonly receivedBytes: number;
  readonly durationMs: number;
  /** The nodes whose samples were asked for. */
  readonly nodes: readonly string[];
  /** Asked for nothing but the newest round, to see where the node's clock stands. */
  readonly isProbe?: boolean;
}

export interface ExportQuestion {
  /** "export/pve1", or "export/*" for the form that answers for several nodes at once. */
  readonly key: string;
  readonly nodes: readonly string[];
  readonly ask: () => Promise<ExportAnswer>;
}

/** What is held of a node already. */
export interface Held {
  /** Newest sample, in ms; 0 asks for all that the node remembers (30 minutes). */
  readonly mark: number;
  /** False after a start: then the last round is asked once more, as the base line of the first rates. */
  readonly hasBaseline: boolean;
  /** Nothing has come after the mark for some rounds: perhaps the node's clock was set back, and the mark lies ahead. */
  readonly isStuck?: boolean;
}

const baselineS = 10;
/** PVE takes the number of rounds from this distance: at a whole number of rounds it must not come out one short. */
const marginS = 1;

const startTimeOf = ({ mark, hasBaseline }: Held): number =>
  Math.floor(mark / 1000) - (hasBaseline ? marginS : baselineS);

export function exportQuestions(
  pve: PolledPve,
  capabilities: Capabilities,
  nodes: readonly string[],
  heldOf: (node: string) => Held,
): ExportQuestion[] {
  const since = (held: readonly Held[]): { startTime?: number } =>
    held.every(({ mark }) => mark > 0) ? { startTime: Math.min(...held.map(startTimeOf)) } : {};
  const direct = nodes.filter((node) => pve.reaches(node) === "direct");
  const forwarded = nodes.filter((node) => pve.reaches(node) !== "direct");
  const questions = direct.map((node): ExportQuestion => {
    const held = heldOf(node);
    const wish = held.isStuck === true ? { history: false } : { history: true, ...since([held]) };
    return {
      key: `export/${node}`,
      nodes: [node],
      ask: async () => ({
        ...answerOf([node], await metricsExport(pve, { node, localOnly: true, ...wish })),
        isProbe: !wish.history,
      }),
    };
  });
  if (forwarded.length === 0) return questions;
  if (capabilities.exportNodeList) {
    return [
      ...questions,
      ...forwarded.map((node): ExportQuestion => {
        const held = heldOf(node);
        const wish = held.isStuck === true ? { history: false } : { history: true, ...since([held]) };
        return {
          key: `export/${node}`,
          nodes: [node],
          ask: async () => ({
            ...answerOf([node], await metricsExport(pve, { localOnly: false, nodeList: [node], ...wish })),
            isProbe: !wish.history,
          }),
        };
      }),
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
          await metricsExport(pve, { history: true, localOnly: false, ...since(forwarded.map(heldOf)) }),
        ),
    },
  ];
}

const answerOf = (
  nodes: readonly string[],
  { data, receivedBytes, durationMs }: PveAnswer<ExportPoints>,
): ExportAnswer => ({
  points: data,
  receivedBytes,
  durationMs,
  nodes,
});
