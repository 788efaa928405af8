// Which nodes a guest may run on, and with whom: HA rules of PVE 9, and the pins and affinities that tags name
// (ProxLB's `plb_…`, our own `ph_…`). Groups of PVE 8 do not tell here which guests are in them; they are left out.

import type { FactFields, HeldFact } from "../../model/facts.ts";
import type { GuestEntity } from "../../model/inventory.ts";

export interface PlacementRules {
  readonly onlyNodes: readonly string[] | null;
  readonly apart: readonly string[];
  readonly together: readonly string[];
}

const words = (fields: FactFields, name: string): readonly string[] => {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
};

/** `vm:104` or `ct:200`, as HA calls it. */
export const serviceOf = ({ type, vmid }: Pick<GuestEntity, "type" | "vmid">): string =>
  `${type === "qemu" ? "vm" : "ct"}:${vmid}`;

export function rulesOf(guest: GuestEntity, haRules: readonly HeldFact[], isHa: boolean): PlacementRules {
  const service = serviceOf(guest);
  const mine = isHa
    ? haRules.filter(({ fields }) => fields["enabled"] !== false && words(fields, "resources").includes(service))
    : [];
  const pins = mine.filter(({ fields }) => fields["type"] === "node-affinity" && fields["strict"] === true);
  const groups = (affinity: string): readonly string[] =>
    mine
      .filter(({ fields }) => fields["type"] === "resource-affinity" && fields["affinity"] === affinity)
      .map(({ key }) => `rule ${key}`);
  // HA places its services by its own rules alone; tags speak for those that a person places.
  if (isHa) return { onlyNodes: common(pins.map(nodesOf)), apart: groups("negative"), together: groups("positive") };
  return {
    onlyNodes: pinnedByTags(guest.tags),
    apart: tagged(guest.tags, /^(?:plb_anti_affinity|ph_anti_affinity)_/),
    together: tagged(guest.tags, /^(?:plb_affinity|ph_affinity)_/),
  };
}

/** `pve1:2` is pve1 with priority 2. */
const nodesOf = ({ fields }: HeldFact): readonly string[] =>
  words(fields, "nodes").map((word) => word.split(":")[0] ?? "");

/** What all strict rules allow. */
function common(lists: readonly (readonly string[])[]): readonly string[] | null {
  const [first, ...others] = lists;
  return first === undefined ? null : first.filter((node) => others.every((list) => list.includes(node)));
}

function pinnedByTags(tags: readonly string[]): readonly string[] | null {
  const pins = tags.flatMap((tag) => /^(?:plb|ph)_pin_(.+)$/.exec(tag)?.[1] ?? []);
  return pins.length === 0 ? null : pins;
}

const tagged = (tags: readonly string[], form: RegExp): readonly string[] =>
  tags.filter((tag) => form.test(tag)).map((tag) => `tag ${tag}`);
