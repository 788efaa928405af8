// Gathers a support bundle and writes it: a tar.gz that only its owner may read.
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { LoadedConfig } from "../../config/index.ts";
import { systemClock } from "../../lib/clock.ts";
import { InputError, StoreError, UsageError } from "../../lib/errors.ts";
import { tarOf } from "../../lib/tar.ts";
import type { CommandContext } from "../command.ts";
import { controlCall, NoServiceError } from "../control.ts";
import type { Check } from "../doctor.ts";
import { examine } from "../run-doctor.ts";
import { bundleFiles, type ServiceReport } from "./bundle.ts";
import { type Hide, hideNames, hideSecrets } from "./hide.ts";

/** Gathering waits for the store and reads a thousand lines of log. */
const timeoutMs = 30_000;

export async function runSupportBundle(command: CommandContext, checks: readonly Check[]): Promise<number> {
  const { args, options, terminal, edge, version } = command;
  const file = resolve(edge.cwd, args[0] ?? "");
  if (existsSync(file) && !options.flag("force")) throw new UsageError(`${file} exists; replace it with --force.`);
  const { results, config } = await examine(command, checks);
  const service = await askService(config.settings.dataDir);
  const parts = {
    version,
    createdAt: new Date(systemClock.now()).toISOString(),
    configuration: config.entries,
    doctor: results,
    service,
  };
  const hide = hiding(config, options.flag("withNames") ? [] : (service?.guestNames ?? []));
  const files = bundleFiles(parts, hide);
  write(file, gzipSync(tarOf(files, systemClock.now())));
  if (terminal.json) terminal.data({ file, files: files.map(({ name }) => name), service: service !== null });
  else terminal.out(file);
  if (service === null) terminal.note("No service runs: problems, jobs, metrics and log are not in it.");
  terminal.note("Look into it before you send it: names and addresses of clusters, nodes and storages are in it.");
  return 0;
}

async function askService(dataDir: string): Promise<ServiceReport | null> {
  try {
    return (await controlCall(dataDir, "support", {}, timeoutMs)) as ServiceReport;
  } catch (error) {
    if (error instanceof NoServiceError) return null;
    throw error;
  }
}

function hiding({ settings }: LoadedConfig, names: readonly string[]): Hide {
  const secrets = settings.clusters.flatMap(({ access, pushToken }) => [
    "token" in access ? access.token.secret.reveal() : access.login.password.reveal(),
    ...(pushToken === null ? [] : [pushToken.reveal()]),
  ]);
  const [bare, named] = [hideSecrets(secrets), hideNames(names, randomBytes(16).toString("hex"))];
  return (text) => named(bare(text));
}

function write(file: string, content: Buffer): void {
  try {
    writeFileSync(file, content, { mode: 0o600 });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    if (code === "ENOSPC") throw new StoreError(`${file} cannot be written: the disk is full.`, { cause });
    throw new InputError(`${file} cannot be written (${code}); choose another place.`, [], { cause });
  }
}
