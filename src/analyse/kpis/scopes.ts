// The scopes of a cluster: all of it, its pools, and its guests' tags.
import type { GuestHours } from "../usage/guest-hours.ts";
import type { ScopeOfGuests } from "./given.ts";

/** Guests without pool or tag are in none of those; so pools add up to the cluster only together with them. */
export function scopesOf(guests: readonly GuestHours[]): readonly ScopeOfGuests[] {
  const pools = new Map<string, GuestHours[]>();
  const tags = new Map<string, GuestHours[]>();
  for (const guest of guests) {
    if (guest.entity.pool !== null) addTo(pools, guest.entity.pool, guest);
    for (const tag of new Set(guest.entity.tags)) addTo(tags, tag, guest);
  }
  return [
    { type: "cluster", key: "", guests },
    ...sorted(pools).map(([key, members]) => ({ type: "pool", key, guests: members }) as const),
    ...sorted(tags).map(([key, members]) => ({ type: "tag", key, guests: members }) as const),
  ];
}

function addTo(groups: Map<string, GuestHours[]>, key: string, guest: GuestHours): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [guest]);
  else group.push(guest);
}

const sorted = (groups: ReadonlyMap<string, GuestHours[]>) =>
  [...groups].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
