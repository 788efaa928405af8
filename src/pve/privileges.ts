// What the read-only token must be allowed, what is missing without it, and the shell lines that set it up.
import type { Permissions } from "./calls/access.ts";

export interface PrivilegeCheck {
  readonly privilege: string;
  readonly path: string;
  readonly held: boolean;
  readonly needed: "required" | "optional";
  /** One sentence on what is missing without it. */
  readonly without: string;
  /** Where else it is held, when not on `path`: rights on a part of the cluster show only that part. */
  readonly heldOn: readonly string[];
}

interface Need {
  readonly privilege: string;
  readonly needed: PrivilegeCheck["needed"];
  readonly without: string;
  /** First major release that knows the privilege. */
  readonly since: number;
}

const needs: readonly Need[] = [
  {
    privilege: "Sys.Audit",
    needed: "required",
    without: "No metrics of nodes and guests, no cluster status, no tasks of others.",
    since: 8,
  },
  { privilege: "VM.Audit", needed: "required", without: "Guests are not listed at all.", since: 8 },
  { privilege: "Datastore.Audit", needed: "required", without: "Storages are not listed at all.", since: 8 },
  {
    privilege: "Pool.Audit",
    needed: "required",
    without: "Guests show no pool, so nothing can be grouped by it.",
    since: 8,
  },
  {
    privilege: "SDN.Audit",
    needed: "required",
    without: "Zones, virtual networks and their state are not seen.",
    since: 8,
  },
  {
    privilege: "VM.GuestAgent.Audit",
    needed: "optional",
    without: "File systems and addresses inside guests are not read.",
    since: 9,
  },
];

/** Checks one by one what the read-only role needs on `/`. `release` is PVE's, for instance "9.2". */
export function checkPrivileges(permissions: Permissions, release: string): readonly PrivilegeCheck[] {
  return needsOf(release).map(({ privilege, needed, without }) => ({
    privilege,
    path: "/",
    // Without propagation a right on / says nothing about /nodes, /vms and /storage below it.
    held: permissions.get("/")?.get(privilege) === true,
    needed,
    without,
    heldOn: [...permissions].filter(([, held]) => held.has(privilege)).map(([path]) => path),
  }));
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
 * have, so the role goes to both. 9 has a privilege for the guest agent's reads; a role that names it cannot be made on 8.
 */
export function pveumLines({ release, user, tokenName, role }: ReadOnlyAccount): readonly string[] {
  const privileges = needsOf(release).map((need) => need.privilege);
  return [
    `pveum role add ${role} --privs "${privileges.join(" ")}"`,
    `pveum user add ${user} --comment "Pilothouse, read only"`,
    `pveum acl modify / --users ${user} --roles ${role} --propagate 1`,
    `pveum user token add ${user} ${tokenName} --privsep 1`,
    `pveum acl modify / --tokens '${user}!${tokenName}' --roles ${role} --propagate 1`,
  ];
}

const needsOf = (release: string): readonly Need[] => {
  const major = Number.parseInt(release, 10);
  return needs.filter((need) => need.since <= major);
};
