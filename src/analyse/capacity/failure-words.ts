// Sums up the loss of a node: a verdict and a sentence.
import type { FailureVerdict, NodeFailure } from "../../model/node-failure.ts";

type Lists = Omit<NodeFailure, "verdict" | "sentence">;

export function verdictOf({ quorum, ceph, stranded, unknown, needsHand, restartsWithLoss }: Lists): FailureVerdict {
  if (quorum?.kept === false || ceph?.survives === false || stranded.length > 0) return "no";
  if (unknown.length > 0) return "unknown";
  return needsHand.length > 0 || restartsWithLoss.length > 0 ? "with-work" : "yes";
}

export function failureSentence(lists: Lists): string {
  const { node, restarts, restartsWithLoss, needsHand, stranded, unknown, quorum, ceph } = lists;
  const total = restarts.length + restartsWithLoss.length + needsHand.length + stranded.length + unknown.length;
  const parts = [
    total === 0 ? "no guest runs there" : "",
    counted(restarts.length, total, "restart", "restarts"),
    counted(restartsWithLoss.length, total, "restart and lose data", "restarts and loses data"),
    counted(needsHand.length, total, "need a hand", "needs a hand"),
    counted(stranded.length, total, "are stranded", "is stranded"),
    unknown.length === 0 ? "" : `of ${unknown.length} it is not known`,
    quorum?.kept === false ? `quorum is lost (${quorum.votesLeft} of ${quorum.votesNeeded} votes)` : "",
    ceph === null || ceph.survives ? "" : cephWords(ceph),
  ];
  return `When ${node} fails: ${parts.filter((part) => part !== "").join(", ")}.`;
}

const counted = (count: number, total: number, many: string, one: string): string => {
  if (count === 0) return "";
  if (count === total) return total === 1 ? `its one guest ${one}` : `all ${total} guests ${many}`;
  return `${count} of ${total} guests ${count === 1 ? one : many}`;
};

const cephWords = ({ sentence, alsoStops }: NonNullable<Lists["ceph"]>): string =>
  alsoStops === 0 ? sentence : `${sentence}, and with it ${alsoStops} guests of other nodes`;
