// Writes stored points as Parquet, CSV or line protocol, to a file or to stdout.
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../../lib/errors.ts";
import { type EntityKind, entityKinds } from "../../model/ids.ts";
import { type Tier, tiers } from "../../model/store.ts";
import type { ExportFormat } from "../../store/index.ts";
import type { Command, CommandContext, Options } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

const formats = [
  ["parquet", "parquet"],
  ["csv", "csv"],
  ["lineProtocol", "line-protocol"],
] as const;

export const exportCommand: Command = {
  name: "export",
  summary: "Write stored points as Parquet, CSV or InfluxDB line protocol",
  examples: [
    "pilothouse export --csv --kind node --from -1d > nodes.csv",
    "pilothouse export --parquet --tier 1h --from -365d --output guests.parquet",
  ],
  permission: "local",
  options: [
    { flags: "--parquet", summary: "As a Parquet file" },
    { flags: "--csv", summary: "As CSV with a header" },
    { flags: "--line-protocol", summary: "As lines that InfluxDB takes" },
    { flags: "--kind <kind>", summary: "What to write (guest when left out)", choices: entityKinds },
    { flags: "--tier <tier>", summary: "raw samples, 5m or 1h points (raw when left out)", choices: tiers },
    { flags: "--id <ids>", summary: "Only these entity ids, separated by commas" },
    { flags: "--cluster <ids>", summary: "Only these clusters, separated by commas" },
    { flags: "--from <time>", summary: "ISO 8601 or relative such as -7d (-1d when left out)" },
    { flags: "--to <time>", summary: "As --from; not included (now when left out)" },
    { flags: "--output <file>", summary: "File to write; stdout when left out" },
    ...locateOptions,
  ],
  givesData: false,
  async run(context) {
    const output = context.options.text("output");
    if (output !== undefined) {
      const points = await writeTo(context, resolve(context.edge.cwd, output));
      context.terminal.note(`${output}: ${String(points)} points`);
      return 0;
    }
    // The service writes a file; what it wrote goes on from here.
    const directory = mkdtempSync(join(tmpdir(), "pilothouse-export-"));
    try {
      const file = join(directory, "points");
      await writeTo(context, file);
      await pipeline(createReadStream(file), context.edge.stdout, { end: false });
      return 0;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function writeTo(context: CommandContext, file: string): Promise<unknown> {
  const { options, version } = context;
  const [{ loadConfig }, { copyCall }, { systemClock }, { parseTime }] = await Promise.all([
    import("../../config/index.ts"),
    import("../copies.ts"),
    import("../../lib/clock.ts"),
    import("../../serve/series/time-range.ts"),
  ]);
  const now = systemClock.now();
  const request = {
    kind: (options.text("kind") ?? "guest") as EntityKind,
    tier: (options.text("tier") ?? "raw") as Tier,
    ids: listOf(options, "id"),
    clusters: listOf(options, "cluster"),
    fromMs: parseTime(options.text("from") ?? "-1d", "from", now),
    toMs: parseTime(options.text("to") ?? "now", "to", now),
    format: formatOf(options),
    file,
  };
  if (request.fromMs >= request.toMs) throw new UsageError("--from must lie before --to.");
  const { settings } = loadConfig(configSource(context, false));
  return copyCall(settings, { clock: systemClock, version }, "export", { request });
}

function formatOf(options: Options): ExportFormat {
  const chosen = formats.filter(([name]) => options.flag(name));
  const [only] = chosen;
  if (only === undefined || chosen.length > 1)
    throw new UsageError("Choose one of --parquet, --csv and --line-protocol.");
  return only[1];
}

const listOf = (options: Options, name: string): readonly string[] | null =>
  options
    .text(name)
    ?.split(",")
    .filter((text) => text !== "") ?? null;
