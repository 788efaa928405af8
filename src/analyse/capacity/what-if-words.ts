// One sentence for a what-if.
import type { WhatIfAnswer } from "../../model/what-if.ts";
import { timeWords } from "./time-remaining.ts";

type Parts = Pick<WhatIfAnswer, "cluster" | "failures" | "noPlace">;

export function whatIfSentence({ cluster, failures, noPlace }: Parts): string {
  const parts = [roomWords(cluster), timeChange(cluster), failureWords(failures), noPlaceWords(noPlace)];
  const said = parts.filter((part) => part !== "").join("; ");
  return said === "" ? "Nothing that is known changes." : `${said}.`;
}

function roomWords({ before, after }: Parts["cluster"]): string {
  const [first, second] = [before.guestsRemaining?.count, after.guestsRemaining?.count];
  if (second === undefined) return "";
  return first === undefined || first === second
    ? `Room for ${second} more guests of the average size`
    : `Room for ${second} more guests of the average size instead of ${first}`;
}

/** Of the resource that lasts least long afterwards. */
function timeChange({ before, after }: Parts["cluster"]): string {
  const daysOf = ({ time }: (typeof after.lines)[number]): number =>
    time.state === "over" ? -1 : time.state === "forecast" ? (time.conservativeDays ?? Infinity) : Infinity;
  const [least] = after.lines.filter((line) => Number.isFinite(daysOf(line))).toSorted((a, b) => daysOf(a) - daysOf(b));
  if (least === undefined) return "";
  const first = before.lines.find(({ resource }) => resource === least.resource);
  const what = { cpu: "CPU", memory: "memory", storage: "storage" }[least.resource];
  if (least.time.state === "over") return `more ${what} is needed than is usable`;
  const was = first === undefined ? "" : timeWords(first.time);
  const is = timeWords(least.time);
  return was === "" || was === is ? `${what} lasts ${is}` : `${what} lasts ${is} instead of ${was}`;
}

function failureWords(failures: Parts["failures"]): string {
  const strands = (end: "before" | "after"): readonly string[] =>
    failures.flatMap((change) => (change[end]?.verdict === "no" ? [change.node] : []));
  const [first, second] = [strands("before"), strands("after")];
  const worse = second.filter((node) => !first.includes(node));
  const better = first.filter(
    (node) => !second.includes(node) && failures.some((each) => each.node === node && each.after),
  );
  const parts = [
    worse.length === 0 ? "" : `${listed(worse)} may not fail any more`,
    better.length === 0 ? "" : `${listed(better)} may fail then`,
  ].filter((part) => part !== "");
  return parts.join(", ");
}

const listed = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} others` : names.join(", ");

function noPlaceWords(noPlace: Parts["noPlace"]): string {
  const [first] = noPlace;
  if (first === undefined) return "";
  return noPlace.length === 1
    ? `${first.name} finds no place: ${first.why}`
    : `${noPlace.length} guests find no place, ${first.name} among them: ${first.why}`;
}
