// Prints every key figure with the numbers that it follows from, so that anyone can check them.
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const labKpis: Command = {
  name: "lab kpis",
  summary: "Print utilization, availability and the other key figures with their formulas and inputs",
  examples: [
    "pilothouse lab kpis --data-dir /var/lib/pilothouse",
    "pilothouse lab kpis --data-dir ./data --scope all --json",
  ],
  permission: "local",
  options: [
    ...locateOptions,
    {
      flags: "--scope <name>",
      summary: "fleet, cluster:ID, pool:ID/NAME, tag:ID/NAME or all (fleet and clusters when left out)",
    },
  ],
  givesData: true,
  async run(context) {
    const { terminal, edge, options } = context;
    const [{ loadConfig }, { readKpis }, { linesOfCluster, linesOfFleet }, { systemClock }, { countingBar }] =
      await Promise.all([
        import("../../config/index.ts"),
        import("../lab/kpis.ts"),
        import("../../model/kpi-lines.ts"),
        import("../../lib/clock.ts"),
        import("../lab/counting-bar.ts"),
      ]);
    const { settings } = loadConfig(configSource(context, false));
    const bar = await countingBar("clusters", 1, edge);
    const documents = await readKpis(settings, systemClock, bar.set).finally(bar.stop);
    const wanted = options.text("scope");
    const lines = [...linesOfFleet(documents), ...documents.flatMap(linesOfCluster)].filter(({ scope }) =>
      wanted === undefined ? !/^(?:pool|tag):/.test(scope) : wanted === "all" || scope === wanted,
    );
    if (terminal.json) {
      const { kpiItem } = await import("../../serve/items/kpi-item.ts");
      terminal.data(lines.map(kpiItem));
    } else if (lines.length === 0) terminal.note(nothing(wanted));
    else {
      const { kpiReport } = await import("../lab/kpi-report.ts");
      for (const line of kpiReport(lines)) terminal.out(line);
    }
    return 0;
  },
};

const nothing = (scope: string | undefined): string =>
  scope === undefined
    ? "There are no key figures yet; the job kpis works them out each hour (pilothouse job run kpis)."
    : `There are no key figures of ${scope}; see --scope all for those there are.`;
