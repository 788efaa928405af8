// Whose a guest is: by its tags, then its pool, then its name. Where they contradict each other, that is said.
import type { CostOwner } from "../../model/cost-ledger.ts";
import type { AttributionRules } from "../../model/cost-model.ts";

export interface Attribution extends Pick<CostOwner, "owner" | "ownerBy" | "environment" | "compliant"> {
  /** Half a sentence each; empty when nothing contradicts. */
  readonly conflicts: readonly string[];
}

export interface Attributed {
  readonly name: string;
  readonly pool: string | null;
  readonly tags: readonly string[];
}

interface Claim {
  readonly owner: string;
  readonly by: NonNullable<CostOwner["ownerBy"]>;
  readonly because: string;
}

export function attribute(rules: AttributionRules, guest: Attributed): Attribution {
  const byTag = tagClaims(rules, guest.tags);
  const byPool = poolClaim(rules, guest.pool);
  const byName = nameClaims(rules, guest.name);
  // A pool that is not listed is an owner for want of better, and contradicts nobody.
  const listed = guest.pool !== null && Object.hasOwn(rules.pools, guest.pool);
  const first = [...byTag, ...byPool, ...byName][0];
  const spoken = [...byTag, ...(listed ? byPool : []), ...byName];
  return {
    owner: first?.owner ?? null,
    ownerBy: first?.by ?? null,
    environment: valuesOf(rules.environmentPrefixes, guest.tags)[0] ?? null,
    compliant: rules.mandatoryPrefixes.every((prefix) => guest.tags.some((tag) => isValueOf(prefix, tag))),
    conflicts: [...contradictions(spoken), ...twoEnvironments(rules, guest.tags)],
  };
}

/** Claims of the first prefix that has any: `team-a` and `project-x` do not contradict, `team-a` and `team-b` do. */
function tagClaims({ tagPrefixes }: AttributionRules, tags: readonly string[]): Claim[] {
  for (const prefix of tagPrefixes) {
    const own = [...tags].sort().filter((tag) => isValueOf(prefix, tag));
    if (own.length > 0) {
      return own.map((tag) => ({ owner: tag.slice(prefix.length), by: "tag" as const, because: `tag ${tag}` }));
    }
  }
  return [];
}

function poolClaim({ pools }: AttributionRules, pool: string | null): Claim[] {
  if (pool === null || pool === "") return [];
  const owner = Object.hasOwn(pools, pool) ? (pools[pool] ?? pool) : pool;
  return [{ owner, by: "pool", because: `pool ${pool}` }];
}

function nameClaims({ names }: AttributionRules, name: string): Claim[] {
  return names
    .filter(({ pattern }) => matchesPattern(pattern, name))
    .map(({ pattern, owner }) => ({ owner, by: "name" as const, because: `name like ${pattern}` }));
}

function contradictions(claims: readonly Claim[]): string[] {
  const [first, ...others] = claims;
  if (first === undefined) return [];
  const against = others.filter(({ owner }) => owner !== first.owner);
  return against.map(({ owner, because }) => `${because} says ${owner}, ${first.because} says ${first.owner}`);
}

function twoEnvironments({ environmentPrefixes }: AttributionRules, tags: readonly string[]): string[] {
  const values = [...new Set(valuesOf(environmentPrefixes, tags))];
  return values.length < 2 ? [] : [`it has ${values.length} environments, ${values.join(" and ")}`];
}

const isValueOf = (prefix: string, tag: string): boolean => tag.startsWith(prefix) && tag.length > prefix.length;

/** What follows the prefixes, by prefix and then in order of text. */
function valuesOf(prefixes: readonly string[], tags: readonly string[]): string[] {
  const sorted = [...tags].sort();
  return prefixes.flatMap((prefix) =>
    sorted.filter((tag) => isValueOf(prefix, tag)).map((tag) => tag.slice(prefix.length)),
  );
}

/** `*` for any text, `?` for one character; compared without regard to case, and in time linear in practice. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [p, n] = [pattern.toLowerCase(), name.toLowerCase()];
  let [at, star, retry, i] = [0, -1, 0, 0];
  while (i < n.length) {
    if (at < p.length && p[at] !== "*" && (p[at] === "?" || p[at] === n[i])) {
      at++;
      i++;
    } else if (p[at] === "*") {
      star = at++;
      retry = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++retry;
    } else return false;
  }
  while (p[at] === "*") at++;
  return at === p.length;
}
