// Capacity in words and figures.
import { formatBytes, formatCount } from "../format.ts";
import type { Change, FailureItem, LineItem, ScopeItem } from "./item.ts";

export const resourceWords = { cpu: "CPU", memory: "Memory", storage: "Storage" } as const;

/** Cores, or bytes; a minus where there is too little. */
export function amountWords(resource: LineItem["resource"], value: number | null): string {
  if (value === null) return "not known";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  return `${sign}${resource === "cpu" ? `${formatCount(size)} cores` : formatBytes(size)}`;
}

/** "41–60 days"; the reason where there is no forecast. */
export function timeWords(time: LineItem["time"]): string {
  if (time.state === "over") return "over now";
  if (time.state === "none") return "no forecast";
  const { conservative_days: least, mean_days: most, horizon_days: horizon } = time;
  if (least === null) return horizon >= 365 ? "over a year" : `over ${horizon} days`;
  if (most === null) return `${least} days or longer`;
  return least === most ? `${least} days` : `${least}–${most} days`;
}

export const timeReason = (time: LineItem["time"]): string => (time.state === "none" ? time.reason : "");

const warnDays = 30;

/** As facts' tables colour it. */
export function timeLevel(time: LineItem["time"]): "" | "warning" | "failed" {
  if (time.state === "over") return "failed";
  return time.state === "forecast" && time.conservative_days !== null && time.conservative_days < warnDays
    ? "warning"
    : "";
}

const limits = { cpu: "CPU", memory: "memory", storage: "storage", room: "room on one node" } as const;

export const guestsWords = ({ guests_remaining: left }: ScopeItem): string =>
  left === null ? "" : formatCount(left.count);
export const limitWords = ({ guests_remaining: left }: ScopeItem): string =>
  left === null ? "" : `${limits[left.limited_by]} runs out first`;

export const verdictWords = {
  yes: "may fail",
  "with-work": "may fail, with work",
  no: "may not fail",
  unknown: "not known",
} as const;

/** ● fine, ▲ warning, ■ failed, dashed ring unknown: state is never told by colour alone. */
export const verdictMarks = { yes: "●", "with-work": "▲", no: "■", unknown: "◌" } as const;
export const verdictLevels = { yes: "fine", "with-work": "warning", no: "failed", unknown: "" } as const;

export const failureLists = [
  ["restarts", "Restart"],
  ["restarts_with_loss", "Restart, but lose data since the last replication"],
  ["needs_hand", "Need a hand"],
  ["stranded", "Stranded"],
  ["unknown", "Not known"],
] as const satisfies readonly (readonly [keyof FailureItem, string])[];

export function changeWords(change: Change): string {
  const from = "at" in change && change.at !== null ? ` from ${change.at}` : "";
  switch (change.change) {
    case "add_nodes":
      return `add ${nodes(change.count)} ${sizeOfNode(change)}${from}`;
    case "remove_node":
      return `retire ${change.node}${from}`;
    case "lose_node":
      return `lose ${change.node}`;
    case "add_guests":
      return `add ${change.count} ${change.count === 1 ? "guest" : "guests"} ${sizeOfGuest(change)}${from}`;
    case "remove_guests":
      return `remove ${change.guests.length} ${change.guests.length === 1 ? "guest" : "guests"}${from}`;
    case "grow_demand":
      return `${change.percent >= 0 ? "+" : "−"}${Math.abs(change.percent)} % demand${from}`;
  }
}

const nodes = (count: number): string => (count === 1 ? "1 node" : `${count} nodes`);

const sizeOfNode = ({
  like,
  cpu_cores: cores,
  memory_bytes: memory,
}: Extract<Change, { change: "add_nodes" }>): string =>
  like === null ? `of ${cores ?? "?"} cores, ${formatBytes(memory ?? 0)}` : `like ${like}`;

const sizeOfGuest = (change: Extract<Change, { change: "add_guests" }>): string =>
  change.like === null
    ? `of ${change.cpu_cores ?? "?"} cores, ${formatBytes(change.memory_bytes ?? 0)}`
    : `like ${change.like.replace(/^.*\//, "").replace(/~\d+$/, "")}`;
