// The rights step of init: the lines that make the account, and a look at what the token has, one by one.
import {
  checkPrivileges,
  nameOf,
  type PrivilegeCheck,
  type PveCluster,
  permissions,
  pveumLines,
} from "../../pve/index.ts";
import type { Terminal } from "../terminal.ts";
import { roleName } from "./role-name.ts";

/** What to run as root on one node when there is no account yet. */
export function setUpLines(): readonly string[] {
  const linesFor = (release: string): readonly string[] =>
    pveumLines({ release, user: "pilothouse@pve", tokenName: "pilothouse", role: roleName });
  return [
    "\nNo token yet? As root on one node; it prints the secret once. On Proxmox VE 9:",
    ...linesFor("9.0").map((line) => `  ${line}`),
    "On Proxmox VE 8:",
    ...linesFor("8.4").map((line) => `  ${line}`),
    "",
  ];
}

/** Shows what the token has and lacks; true when nothing is missing that is needed. */
export async function showPrivileges(terminal: Terminal, pve: PveCluster, release: string): Promise<boolean> {
  const { data } = await permissions(pve);
  const checks = checkPrivileges(data, release);
  for (const check of checks) terminal.note(lineOf(terminal, check));
  return checks.every(({ held, needed, concernsAll }) => held || needed === "optional" || !concernsAll);
}

function lineOf(terminal: Terminal, check: PrivilegeCheck): string {
  const { held, needed, without, heldOn, concernsAll } = check;
  if (held) return `${terminal.style("green", "✓")} ${nameOf(check)}`;
  const isGrave = needed === "required" && concernsAll;
  const mark = isGrave ? terminal.style("red", "✗") : terminal.style("yellow", "–");
  const elsewhere = heldOn.length === 0 || !concernsAll ? "" : ` (only on ${heldOn.slice(0, 3).join(", ")})`;
  const optional = needed === "optional" ? " (optional)" : "";
  return `${mark} ${nameOf(check)}${optional}${elsewhere}: ${without}`;
}
