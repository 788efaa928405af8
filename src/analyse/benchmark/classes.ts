// Which guests and nodes are of a class, so that they can be compared: the most telling class that has enough members.
import type { LiveEntity } from "../../model/fleet.ts";
import type { GuestEntity } from "../../model/inventory.ts";

/** Fewer say nothing of what is usual. */
export const fewestMembers = 5;

export interface Classed {
  readonly live: LiveEntity;
  /** In words, for people; null when no class has enough members. */
  readonly class: string | null;
  readonly members: number;
}

const gibibyte = 2 ** 30;

/** Classes that a guest is in, the most telling first: its name's stem, its tags, its size, its type. */
function classesOfGuest(guest: GuestEntity, values: LiveEntity["values"]): readonly string[] {
  const type = guest.type === "qemu" ? "VMs" : "containers";
  const stem = stemOf(guest.name);
  const [cpus, memory] = [values["cpu_count"], values["mem_total_bytes"]];
  const size =
    cpus === undefined || memory === undefined
      ? []
      : [`${type} of ${cpus} CPUs and ${Math.round((memory / gibibyte) * 10) / 10} GiB`];
  return [
    ...(stem === null ? [] : [`${type} named ${stem}`]),
    ...[...guest.tags].sort().map((tag) => `${type} tagged ${tag}`),
    ...size,
    type,
  ];
}

/** `web-3`, `web03` and `web-prod-12` are numbered; `web` is not. */
function stemOf(name: string): string | null {
  const [, stem = ""] = /^(.*?)[-_.]?\d+$/.exec(name) ?? [];
  return stem.length < 2 ? null : `${stem}-*`;
}

function classesOf({ entity, values }: LiveEntity): readonly string[] {
  if (entity.kind === "guest") return classesOfGuest(entity, values);
  const [cpus, memory] = [values["cpu_count"], values["mem_total_bytes"]];
  const size =
    cpus === undefined || memory === undefined
      ? []
      : [`nodes of ${cpus} threads and ${Math.round(memory / gibibyte / 8) * 8} GiB`];
  return [...size, "nodes"];
}

/** Of one kind and cluster. */
export function classed(things: readonly LiveEntity[]): readonly Classed[] {
  const own = things.map((live) => ({ live, classes: classesOf(live) }));
  const members = new Map<string, number>();
  for (const { classes } of own) for (const each of classes) members.set(each, (members.get(each) ?? 0) + 1);
  return own.map(({ live, classes }) => {
    const found = classes.find((each) => (members.get(each) ?? 0) >= fewestMembers);
    const widest = classes.at(-1) ?? "";
    return { live, class: found ?? null, members: members.get(found ?? widest) ?? 0 };
  });
}
