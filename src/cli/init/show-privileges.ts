// The rights step of init: the lines that make the account, and a look at what the token has, one by one.
import { checkPrivileges, type PrivilegeCheck, type PveCluster, permissions, pveumLines } from "../../pve/index.ts";
import type { Terminal } from "../terminal.ts";

/** What to run as root on one node when there is no account yet. */
export function setUpLines(): readonly string[] {
  const linesFor = (release: string): readonly string[] =>
    pveumLines({ release, user: "pilothouse@pve", tokenName: "pilothouse", role: "PilothouseObserver" });
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
  return checks.every(({ held, needed }) => held || needed === "optional");
}

function lineOf(terminal: Terminal, { held, privilege, path, needed, without, heldOn }: PrivilegeCheck): string {
  if (held) return `${terminal.style("green", "✓")} ${privilege} on ${path}`;
  const mark = needed === "required" ? terminal.style("red", "✗") : terminal.style("yellow", "–");
  const elsewhere = heldOn.length === 0 ? "" : ` (only on ${heldOn.slice(0, 3).join(", ")})`;
  const optional = needed === "optional" ? " (optional)" : "";
  return `${mark} ${privilege} on ${path}${optional}${elsewhere}: ${without}`;
}
