// Imports the history that Proxmox VE's own metric server has written into an InfluxDB, with a progress bar.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Settings, SinkConfig } from "../../config/settings.ts";
import { UsageError } from "../../lib/errors.ts";
import type { Entity } from "../../model/inventory.ts";
import type { InfluxOptions } from "../../store/index.ts";
import type { Command, CommandContext } from "../command.ts";
import type { ImportOutcome, InfluxImport } from "../influx-import/run-import.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const importInflux: Command = {
  name: "import influx",
  summary: "Import what Proxmox VE's own metric server has written into an InfluxDB",
  examples: [
    "pilothouse import influx --url http://influx:8086 --bucket proxmox --org ops --token-file /etc/pilothouse/influx-token",
    "pilothouse import influx --sink influx --bucket proxmox --cluster prod --from -2y",
  ],
  permission: "local",
  options: [
    ...locateOptions,
    { flags: "--sink <id>", summary: "Address and account of this sink of the configuration" },
    { flags: "--url <url>", summary: "Address of the InfluxDB, where it is no sink" },
    { flags: "--bucket <name>", summary: "Bucket or database that Proxmox VE wrote to (proxmox when left out)" },
    { flags: "--org <name>", summary: "Its organisation (InfluxDB 2)" },
    { flags: "--token-file <file>", summary: "File with a token that may read it" },
    { flags: "--user <name>", summary: "User, where there is no token" },
    { flags: "--password-file <file>", summary: "File with the user's password" },
    { flags: "--cluster <id>", summary: "The cluster whose rows these are; needed when there are several" },
    {
      flags: "--from <time>",
      summary: "ISO 8601 or relative such as -2y (its oldest point, or where an import ended)",
    },
    { flags: "--to <time>", summary: "As --from (when left out: when Pilothouse first saw the cluster)" },
  ],
  givesData: true,
  async run(context) {
    const outcome = await importWith(context);
    const { terminal } = context;
    const { rows, unknown, fromMs, finished } = outcome;
    const from = fromMs === null ? null : new Date(fromMs).toISOString();
    if (terminal.json) terminal.data({ rows, unknown, from, finished });
    else terminal.out(sentence(outcome, from));
    return finished ? 0 : 130;
  },
};

function sentence({ rows, unknown, finished }: ImportOutcome, from: string | null): string {
  if (from === null) return "There is nothing that Proxmox VE has written.";
  const others = unknown === 0 ? "" : `; ${unknown} windows of guests and storages that are not known were left out`;
  const end = finished ? "" : " Stopped: the same command goes on from here.";
  return `Imported ${rows} windows from ${from} on${others}.${end}`;
}

async function importWith(context: CommandContext): Promise<ImportOutcome> {
  const [
    { loadConfig },
    { systemClock },
    { PveBucket },
    { openTarget },
    { Owners },
    { runInfluxImport },
    { parseTime },
  ] = await Promise.all([
    import("../../config/index.ts"),
    import("../../lib/clock.ts"),
    import("../../store/index.ts"),
    import("../influx-import/open-target.ts"),
    import("../influx-import/owners.ts"),
    import("../influx-import/run-import.ts"),
    import("../../serve/series/time-range.ts"),
  ]);
  const { settings } = loadConfig(configSource(context, false));
  const clock = systemClock;
  const cluster = clusterOf(context, settings);
  const connection = connectionOf(context, settings);
  const target = await openTarget(settings, clock);
  const bucket = new PveBucket(connection);
  try {
    const entities = await target.entities(cluster);
    const owners = new Owners(entities);
    if (owners.nodes.length === 0)
      throw new UsageError(`Nothing is known of ${cluster} yet: start the service once, and import then.`);
    const time = (name: "from" | "to"): number | null => {
      const text = context.options.text(name);
      return text === undefined ? null : parseTime(text, name, clock.now());
    };
    const { rawDays, fiveMinuteDays } = settings.store;
    return await withProgress(context, (shown) =>
      runInfluxImport({
        ...shown,
        ...{ bucket, target, owners, cluster, clock, rawDays, fiveMinuteDays },
        source: `${connection.url}/${connection.bucket ?? ""}`,
        fromMs: time("from"),
        toMs: time("to") ?? firstSeen(entities, clock.now()),
        entities: entities.length,
      }),
    );
  } finally {
    await bucket.close();
    await target.close();
  }
}

/** From then on our own samples are finer. */
const firstSeen = (entities: readonly Entity[], nowMs: number): number =>
  Math.min(nowMs, ...entities.filter(({ kind }) => kind === "cluster").map(({ firstSeenAt }) => firstSeenAt));

function clusterOf({ options }: CommandContext, { clusters }: Settings): string {
  const wanted = options.text("cluster");
  const [only] = clusters;
  if (wanted === undefined && clusters.length > 1)
    throw new UsageError(`--cluster is needed: ${clusters.map(({ id }) => id).join(", ")}.`);
  if (wanted !== undefined && only !== undefined && !clusters.some(({ id }) => id === wanted))
    throw new UsageError(
      `There is no cluster ${JSON.stringify(wanted)}; there are ${clusters.map(({ id }) => id).join(", ")}.`,
    );
  const id = wanted ?? only?.id;
  if (id === undefined) throw new UsageError("--cluster is needed: no cluster is configured.");
  return id;
}

function connectionOf(context: CommandContext, { sinks }: Settings): Partial<InfluxOptions> & { readonly url: string } {
  const { options, edge } = context;
  const secret = (name: string): string | null => {
    const file = options.text(name);
    return file === undefined ? null : readFileSync(resolve(edge.cwd, file), "utf8").trim();
  };
  const bucket = options.text("bucket") ?? "proxmox";
  const id = options.text("sink");
  if (id !== undefined) return { ...ofSink(id, sinks), bucket };
  const url = options.text("url");
  if (url === undefined) throw new UsageError("Say where with --url, or with --sink for one of the configuration.");
  return {
    url: url.replace(/\/+$/, ""),
    bucket,
    org: options.text("org") ?? "",
    token: secret("tokenFile"),
    user: options.text("user") ?? null,
    password: secret("passwordFile"),
  };
}

function ofSink(id: string, sinks: readonly SinkConfig[]): Partial<InfluxOptions> & { readonly url: string } {
  const sink = sinks.find((each) => each.id === id);
  if (sink === undefined) throw new UsageError(`There is no sink ${JSON.stringify(id)} in the configuration.`);
  const { url, readUrl, edition, org, token, login, ca } = sink;
  const account = {
    token: token?.reveal() ?? null,
    user: login?.user ?? null,
    password: login?.password.reveal() ?? null,
  };
  return { url, readUrl, edition, org, ca, ...account };
}

/** A bar on a terminal, a line now and then elsewhere; the first signal ends the import after the window under way. */
async function withProgress(
  { edge }: CommandContext,
  run: (shown: Pick<InfluxImport, "progress" | "isStopped">) => Promise<ImportOutcome>,
): Promise<ImportOutcome> {
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    format: "import {bar} {percentage} % {value} of {total} stretches · {rows} windows · {eta_formatted} left",
    stream: edge.stderr,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
    hideCursor: true,
    barsize: 30,
    linewrap: false,
  });
  let stopped = false;
  const stop = edge.onSignal(() => {
    stopped = true;
  });
  // A total is known with the first stretch only.
  const begun = new Set<"bar">();
  try {
    return await run({
      isStopped: () => stopped,
      progress: (done, total, rows) => {
        if (begun.size === 0) bar.start(total, done, { rows });
        begun.add("bar");
        bar.update(done, { rows });
      },
    });
  } finally {
    if (begun.size > 0) bar.stop();
    stop();
  }
}
