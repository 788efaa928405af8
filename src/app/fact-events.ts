// Tasks and changed facts as events, and who made a change.
import type { EventLog, NewEvent } from "../model/event.ts";
import type { FactChange, FactFields, FactValue } from "../model/facts.ts";
import { factEntry } from "../model/facts-catalogue.ts";
import type { FleetView } from "../model/fleet.ts";
import { type ClusterId, clusterEntityId, nodeEntityId } from "../model/ids.ts";
import type { Task } from "../model/inventory.ts";

export function taskEvent(task: Task): NewEvent {
  const { upid, cluster, node, type, user, startedAt, endedAt, state, exitStatus, subject } = task;
  return {
    eventKey: `task/${upid}`,
    at: startedAt,
    endedAt,
    topic: "task",
    type,
    cluster,
    subject: task.guestId ?? (node === "" ? clusterEntityId(cluster) : nodeEntityId(cluster, node)),
    node,
    user,
    state,
    text: [subject, exitStatus === "OK" ? "" : (exitStatus ?? "")].filter((part) => part !== "").join(": "),
  };
}

const topicOf = (change: FactChange): NewEvent["topic"] => {
  if (change.kind === "guest_config") return "config";
  return change.kind === "ha_service" || change.kind === "ha_node" || change.kind === "ha_rule" ? "ha" : "fact";
};

export function changeEvent(change: FactChange, cluster: ClusterId, fleet: FleetView): NewEvent {
  const entity = fleet.get(change.subject)?.entity;
  return {
    eventKey: `change/${change.kind}/${change.subject}/${change.key}/${change.at}`,
    at: change.at,
    endedAt: null,
    topic: topicOf(change),
    type: change.kind,
    cluster,
    subject: change.subject,
    node: entity?.kind === "node" ? entity.name : entity?.kind === "guest" ? entity.node : null,
    user: change.by,
    state: "info",
    text: changeWords(change),
  };
}

/** "Configuration: Memory 2147483648 → 4294967296"; the digest changes with everything and says nothing. */
function changeWords({ kind, key, change, before, after }: FactChange): string {
  const { title, fields } = factEntry(kind);
  const what = key === "" ? title : `${title} ${key}`;
  if (change !== "changed") return `${what} ${change}`;
  const names = Object.keys(after ?? {}).filter((name) => name !== "digest");
  if (names.length === 0) return `${what} changed`;
  const words = names.map((name) => `${fields[name]?.title ?? name} ${difference(before, after, name)}`);
  return `${what}: ${words.join(", ")}`.slice(0, 500);
}

function difference(before: FactFields | null, after: FactFields | null, name: string): string {
  const [was, is] = [before?.[name], after?.[name]];
  if (!Array.isArray(was) || !Array.isArray(is)) return `${shown(was)} → ${shown(is)}`;
  const minus = was.filter((word) => !is.includes(word)).map((word) => `− ${word}`);
  const plus = is.filter((word) => !was.includes(word)).map((word) => `+ ${word}`);
  return [...minus, ...plus].join(" ");
}

const shown = (value: FactValue | undefined): string =>
  value === null || value === undefined ? "none" : String(value);

/** A change is seen at the next reading; who made it is looked for since a day before. */
const lookBackMs = 24 * 3_600_000;
const changingTask =
  /^(?:qmconfig|vzconfig|resize|qmmove|move_volume|qmsnapshot|qmdelsnapshot|qmrollback|vzsnapshot|vzdelsnapshot|vzrollback|qmtemplate|vztemplate)$/;

/** PVE logs "update VM 100: -memory 4096" with the user; other changes are tasks. The last one before the reading counts. */
export async function changeAuthor({ subject, at }: FactChange, events: EventLog): Promise<string | null> {
  const topics = ["task", "log"] as const;
  const found = await events.query({ fromMs: at - lookBackMs, toMs: at + 1, subject, topics, limit: 100 });
  const change = found.find(({ topic, type, text }) =>
    topic === "log" ? /^update (?:VM|CT) \d+/.test(text) : changingTask.test(type),
  );
  return change?.user ?? null;
}
