// Which privileges our account has and lacks, on which path and with what effect, and the shell lines that set it up.
import type { Permissions } from "./calls/access.ts";
import { type Feature, features, needsIn, privilegesOf, rootOf } from "./features.ts";

export interface PrivilegeCheck {
  readonly privilege: string;
  /** "/vms" stands for all guests, "/vms/101" for one whose own entry takes away what "/vms" gives. */
  readonly path: string;
  readonly held: boolean;
  readonly needed: Feature["needed"];
  /** False when only a single thing is missing, and its feature goes on for the others. */
  readonly concernsAll: boolean;
  /** One sentence on what is missing without it. */
  readonly without: string;
  /** The features that need it there, by their ids. */
  readonly features: readonly string[];
  /** Where else it is held, when not on `path`: rights on a part of the cluster show only that part. */
  readonly heldOn: readonly string[];
}

/** Checks one by one what every feature needs. `release` is PVE's, for instance "9.2". */
export function checkPrivileges(permissions: Permissions, release: string): readonly PrivilegeCheck[] {
  return demandsOf(release).flatMap((demand) => {
    const whole = checkOn(demand, demand.root, permissions, holds(permissions, demand.root, demand.privilege));
    return whole.held ? [whole, ...exceptions(demand, permissions)] : [whole];
  });
}

/** A privilege on a path as doctor, init and the collector name it: "VM.Audit on /vms/101". */
export const nameOf = ({ privilege, path }: Pick<PrivilegeCheck, "privilege" | "path">): string =>
  `${privilege} on ${path}`;

interface Demand {
  readonly privilege: string;
  readonly root: string;
  readonly features: readonly Feature[];
}

function demandsOf(release: string): readonly Demand[] {
  const found = new Map<string, { privilege: string; root: string; features: Feature[] }>();
  for (const feature of features) {
    for (const { privilege, path } of needsIn(feature.needs, majorOf(release))) {
      const root = rootOf(path);
      const demand = found.get(`${privilege} ${root}`) ?? { privilege, root, features: [] };
      demand.features.push(feature);
      found.set(`${privilege} ${root}`, demand);
    }
  }
  return [...found.values()];
}

function checkOn(demand: Demand, path: string, permissions: Permissions, held: boolean): PrivilegeCheck {
  const { privilege, root } = demand;
  return {
    privilege,
    path,
    held,
    needed: demand.features.some(({ needed }) => needed === "required") ? "required" : "optional",
    concernsAll: path === root,
    without: [...new Set(demand.features.map(({ without }) => without))].join(" "),
    features: demand.features.map(({ id }) => id),
    heldOn: held ? [] : [...permissions].filter(([, has]) => has.has(privilege)).map(([where]) => where),
  };
}

/** Things with an entry of their own, which is the one that counts for them. */
function exceptions(demand: Demand, permissions: Permissions): readonly PrivilegeCheck[] {
  // What is needed on / is needed there only; below it other demands look.
  if (demand.root === "/") return [];
  return [...permissions]
    .filter(([path, has]) => path.startsWith(`${demand.root}/`) && !has.has(demand.privilege))
    .map(([path]) => checkOn(demand, path, permissions, false));
}

/** PVE lists these whenever there are rights on them; one that is left out has none, whatever "/" has. */
const alwaysListed = ["/access", "/nodes", "/pool", "/storage", "/vms"];

/** On / the right itself is enough; elsewhere it has to go on to what is below. */
function holds(permissions: Permissions, path: string, privilege: string): boolean {
  const has = permissions.get(path);
  if (has !== undefined) return path === "/" ? has.has(privilege) : has.get(privilege) === true;
  const isComplete = alwaysListed.some((listed) => permissions.has(listed));
  return !isComplete && permissions.get("/")?.get(privilege) === true;
}

export interface ReadOnlyAccount {
  readonly release: string;
  /** With realm: pilothouse@pve. */
  readonly user: string;
  readonly tokenName: string;
  readonly role: string;
}

/**
 * The exact lines to run as root on one node. A token with separated privileges has only what both it and its user
 * have, so the role goes to both. A role that names a privilege which a release does not know cannot be made there.
 */
export function pveumLines({ release, user, tokenName, role }: ReadOnlyAccount): readonly string[] {
  return [
    `pveum role add ${role} --privs "${privilegesOf(majorOf(release)).join(" ")}"`,
    `pveum user add ${user} --comment "Pilothouse, read only"`,
    `pveum acl modify / --users ${user} --roles ${role} --propagate 1`,
    `pveum user token add ${user} ${tokenName} --privsep 1`,
    `pveum acl modify / --tokens '${user}!${tokenName}' --roles ${role} --propagate 1`,
  ];
}

/** The lines that give an account what it lacks; a token's user needs it as well. */
export function grantLines(account: string, role: string, missing: readonly PrivilegeCheck[]): readonly string[] {
  const privileges = [...new Set(missing.map(({ privilege }) => privilege))];
  const user = account.split("!")[0] ?? account;
  const paths = [...new Set(missing.map(({ path, concernsAll }) => (concernsAll ? "/" : path)))];
  const token = account === user ? "" : ` --tokens '${account}'`;
  return [
    `pveum role modify ${role} --append --privs "${privileges.join(" ")}"`,
    ...paths.map((path) => `pveum acl modify ${path} --users ${user}${token} --roles ${role} --propagate 1`),
  ];
}

const majorOf = (release: string): number => Number.parseInt(release, 10);
