// The steps of init: address, certificate, token, rights, file. Nothing is written before the cluster has answered.
import { resolve } from "node:path";
import { accountOf, completeEndpoint, findConfigFile } from "../../config/index.ts";
import { systemClock } from "../../lib/clock.ts";
import { UsageError } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { ClusterId } from "../../model/ids.ts";
import { clusterStatus, PveCluster, requireSupported, version } from "../../pve/index.ts";
import type { CommandContext } from "../command.ts";
import { askAccess } from "./ask-access.ts";
import { chooseTrust } from "./choose-trust.ts";
import { type NewCluster, requireNewId, writeCluster } from "./config-writer.ts";
import { showPrivileges } from "./show-privileges.ts";

const noPermission = 77;

export async function runInit(context: CommandContext): Promise<number> {
  const { options, terminal, edge } = context;
  const file = resolve(edge.cwd, options.text("output") ?? outputOf(context));
  const url = await askUrl(context);
  const trust = await chooseTrust(context, url);
  const access = await askAccess(context);

  const pve = new PveCluster({
    cluster: "init",
    endpoints: [url],
    ...access.used,
    trust: trust.trust,
    clock: systemClock,
    log: silentLog,
  });
  try {
    const { data: release } = await version(pve);
    requireSupported(release.version, url);
    terminal.note(`\n${terminal.style("green", "✓")} Proxmox VE ${release.version} accepts ${accountOf(access.used)}`);
    const complete = await showPrivileges(terminal, pve, release.release);
    const pveName = await clusterName(pve);
    const cluster: NewCluster = { ...named(context, pveName, url), url, access: access.written, trust };
    requireNewId(file, cluster.id, options.flag("force"));
    writeCluster(file, cluster);
    finish(context, file, cluster, complete);
    return complete ? 0 : noPermission;
  } finally {
    await pve.close();
  }
}

function outputOf({ options, edge }: CommandContext): string {
  return findConfigFile({ file: options.text("config") ?? null, env: edge.env, cwd: edge.cwd }) ?? "pilothouse.yaml";
}

async function askUrl({ options, terminal }: CommandContext): Promise<string> {
  const text =
    options.text("url") ?? (await terminal.ask("Address of one node of the cluster (host or URL):", "--url"));
  const endpoint = completeEndpoint(text);
  if (endpoint.ok) return endpoint.url;
  const meant = endpoint.meant === undefined ? "" : `; did you mean "${endpoint.meant}"?`;
  throw new UsageError(`--url "${text.slice(0, 200)}": ${endpoint.problem}${meant}`);
}

/** A standalone host has no cluster name; a token without Sys.Audit may not see it. */
async function clusterName(pve: PveCluster): Promise<string | null> {
  try {
    const { data } = await clusterStatus(pve);
    return data.cluster?.name ?? data.members[0]?.name ?? null;
  } catch {
    return null;
  }
}

function named({ options }: CommandContext, pveName: string | null, url: string): { id: string; name: string } {
  const name = options.text("name") ?? pveName ?? new URL(url).hostname;
  const id = options.text("id") ?? slugOf(name);
  if (ClusterId.safeParse(id).success) return { id, name };
  throw new UsageError(`--id takes 1–31 of a-z, 0-9 and "-", beginning with a letter, not "${id.slice(0, 60)}".`);
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 31)
    .replace(/-+$/, "");
  return slug === "" ? "pve" : slug;
}

function finish({ terminal, options }: CommandContext, file: string, cluster: NewCluster, complete: boolean): void {
  terminal.note();
  terminal.note(`Written: ${file} (only you may read it), cluster "${cluster.id}".`);
  if (!complete)
    terminal.note(
      terminal.style("yellow", "The account lacks rights that are needed; give them with the lines above."),
    );
  const isDefault = options.text("output") === undefined && options.text("config") === undefined;
  terminal.note(`Next: pilothouse serve${isDefault ? "" : ` --config ${file}`}    (and: pilothouse doctor)`);
  terminal.out(file);
}
