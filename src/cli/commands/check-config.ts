// Checks a configuration file: reads everything that it names, connects to nothing.
import type { Settings } from "../../config/index.ts";
import { type DiskEstimate, estimateDisk, type KeptDays } from "../../model/disk-estimate.ts";
import type { Command, CommandContext } from "../command.ts";
import { configOption, configSource } from "../shared-options.ts";

export const checkConfig: Command = {
  name: "check-config",
  summary: "Check the configuration, list all that is wrong with it, and say what disk its history will need",
  operand: { name: "[file]", summary: "Configuration file (the one that serve would read, when left out)" },
  examples: ["pilothouse check-config", "pilothouse check-config pilothouse.yaml --json"],
  permission: "local",
  options: [
    configOption,
    { flags: "--guests <n>", summary: "Guests to estimate the disk for (100 when left out)" },
    { flags: "--nodes <n>", summary: "Nodes to estimate the disk for (one for 50 guests when left out)" },
  ],
  givesData: true,
  async run(context) {
    const { loadConfig, ConfigProblemsError } = await import("../../config/index.ts");
    const source = configSource(context, true);
    try {
      const { settings, file } = loadConfig({ ...source, file: context.args[0] ?? source.file });
      report(context, file ?? "", settings);
      return 0;
    } catch (error) {
      if (!(error instanceof ConfigProblemsError) || !context.terminal.json) throw error;
      context.terminal.data({ ok: false, problems: error.problems });
      return error.exitCode;
    }
  },
};

function report({ terminal, options }: CommandContext, file: string, { clusters, store }: Settings): void {
  const guests = options.whole("guests", "--guests", [1, 1_000_000]) ?? 100;
  const nodes = options.whole("nodes", "--nodes", [1, 10_000]) ?? Math.ceil(guests / 50);
  const disk = estimateDisk({ guest: guests, node: nodes, storage: 3 * nodes }, store);
  if (terminal.json) {
    const data = { ok: true, file, clusters: clusters.length, problems: [] };
    terminal.data({ ...data, disk: { guests, nodes, ...inSnakeCase(disk) } });
    return;
  }
  terminal.out(`${file}: good, ${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"}`);
  const total = `${inUnits(disk.totalBytes)} and up to ${inUnits(store.journalMaxBytes)} of journal`;
  terminal.out(
    `disk for ${guests} guests on ${nodes} ${nodes === 1 ? "node" : "nodes"}, once all of it is there: about ${total}`,
  );
  for (const [what, bytes] of parts(disk, store)) terminal.out(`  ${what.padEnd(38)}${inUnits(bytes)}`);
}

const parts = (disk: DiskEstimate, kept: KeptDays): (readonly [string, number])[] => [
  [`samples, ${days(kept.rawDays)}`, disk.hotBytes + disk.parquetBytes],
  [`5-minute points, ${days(kept.fiveMinuteDays)}`, disk.fiveMinuteBytes],
  [`hourly points, ${days(kept.hourlyDays)}`, disk.hourlyBytes],
  ["daily sketches, for ever, each year", disk.sketchBytesPerYear],
];

const days = (count: number): string => `${Math.round(count)} days`;

const inUnits = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;

const inSnakeCase = (disk: DiskEstimate) => ({
  samples_bytes: Math.round(disk.hotBytes + disk.parquetBytes),
  five_minute_bytes: Math.round(disk.fiveMinuteBytes),
  hourly_bytes: Math.round(disk.hourlyBytes),
  sketch_bytes_per_year: Math.round(disk.sketchBytesPerYear),
  total_bytes: Math.round(disk.totalBytes),
});
