// The nearest class of a workload with enough members: guests with its tags, clones of its template, guests of like name,
// of the same OS, and at last all.
import type { ClassNeed, Likeness, Range } from "../../model/class-need.ts";

/** Fewer are no class: the 95th percentile of four is the largest of them. */
export const leastMembers = 5;

export interface Described {
  readonly name: string;
  readonly tags: readonly string[];
  readonly os: string | null;
  /** The volumes its disks are linked clones of name it: 9000 of base-9000-disk-0. */
  readonly template: number | null;
}

export interface ClassMember extends Described {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number | null;
}

/** What is left out of the question does not count. */
export interface Workload extends Partial<Described> {
  readonly tags: readonly string[];
}

/** `members`: guests whose need is measured. */
export function classNeed(workload: Workload, members: readonly ClassMember[]): ClassNeed {
  let most = 0;
  for (const { by, what, has } of classesOf(workload)) {
    const found = members.filter(has);
    if (found.length >= leastMembers) return known(by, what, found);
    most = Math.max(most, found.length);
  }
  return { state: "too_few", reason: `too few guests are like it: needs ${leastMembers}, has ${most}` };
}

interface Class {
  readonly by: Likeness;
  readonly what: string;
  readonly has: (member: ClassMember) => boolean;
}

function classesOf({ tags, template, name, os }: Workload): readonly Class[] {
  const stem = name === undefined ? "" : stemOf(name);
  const classes: Class[] = [];
  if (tags.length > 1) classes.push(tagClass(tags));
  for (const tag of tags) classes.push(tagClass([tag]));
  if (template != null) {
    classes.push({
      by: "template",
      what: `clones of template ${template}`,
      has: (member) => member.template === template,
    });
  }
  if (stem !== "")
    classes.push({ by: "name", what: `names like ${stem}…`, has: (member) => stemOf(member.name) === stem });
  if (os != null) classes.push({ by: "os", what: `OS Type ${os}`, has: (member) => member.os === os });
  classes.push({ by: "all", what: "all guests", has: () => true });
  return classes;
}

const tagClass = (tags: readonly string[]): Class => ({
  by: "tags",
  what: `${tags.length === 1 ? "tag" : "tags"} ${tags.join(", ")}`,
  has: (member) => tags.every((tag) => member.tags.includes(tag)),
});

/** `web` of web-01, `db-prod` of db-prod-3. */
const stemOf = (name: string): string => name.toLowerCase().replace(/[-_.]?\d+$/, "");

function known(by: Likeness, what: string, members: readonly ClassMember[]): ClassNeed {
  const disks = members.flatMap(({ diskBytes }) => diskBytes ?? []);
  return {
    state: "known",
    by,
    what,
    members: members.length,
    cpuCores: rangeOf(members.map(({ cpuCores }) => cpuCores)),
    memoryBytes: rangeOf(members.map(({ memoryBytes }) => memoryBytes)),
    diskBytes: disks.length < leastMembers ? null : rangeOf(disks),
  };
}

/** Nearest rank. */
function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (p: number): number => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
