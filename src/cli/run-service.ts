// Runs the service until a signal ends it: the banner, a graceful end on the first signal, an immediate one on the second.
import type { ConfigAccess, DemoOptions, Service } from "../app.ts";
import type { Settings } from "../config/settings.ts";
import { systemClock } from "../lib/clock.ts";
import { PilothouseError } from "../lib/errors.ts";
import type { CommandContext } from "./command.ts";
import { createLog } from "./logger.ts";
import { RecentLines } from "./recent-lines.ts";
import { table } from "./terminal.ts";

/** Time to write out what is in memory; then the process ends anyway, and the journal is read at the next start. */
const closeWithinMs = 10_000;

export async function runService(
  context: CommandContext,
  settings: Settings,
  demo: DemoOptions | null,
  config: ConfigAccess | null,
): Promise<number> {
  const { edge, terminal, version } = context;
  const recent = new RecentLines();
  const log = createLog(settings.log.level, edge.stderr, (text) => terminal.style("dim", text), recent);
  const recentLog = (): readonly string[] => recent.list();
  const { startService } = await import("../app.ts");
  const signals = listenForSignals(context);
  try {
    const service = await startService({ settings, demo, config, version, log, recentLog, clock: systemClock });
    if (config !== null) reloadOnHangup(context, service);
    for (const line of banner(context, settings, demo !== null, service)) terminal.note(line);
    const ended = await Promise.race([signals.first, service.closed.then(() => null)]);
    if (ended === null) return 1;
    terminal.note(`${ended}: writing out what is in memory; press Ctrl-C again to end at once.`);
    const late = setTimeout(() => edge.exit(1), closeWithinMs);
    await service.close(ended);
    clearTimeout(late);
    return 0;
  } finally {
    signals.stop();
  }
}

/** What is wrong with the configuration is logged and listed by the service. On a terminal it means: the window is gone. */
function reloadOnHangup({ edge }: CommandContext, service: Service): void {
  if (edge.stdin.isTTY) return;
  edge.onHangup?.(() => {
    try {
      service.reload();
    } catch (error) {
      if (!(error instanceof PilothouseError)) throw error;
    }
  });
}

/** A signal while the service still starts ends the process at once: nothing is acknowledged before it runs. */
function listenForSignals({ edge }: CommandContext): { readonly first: Promise<string>; stop(): void } {
  let count = 0;
  let stop: () => void = () => undefined;
  const first = new Promise<string>((resolve) => {
    stop = edge.onSignal((signal) => {
      count++;
      if (count > 1) edge.exit(signal === "SIGINT" ? 130 : 143);
      resolve(signal);
    });
  });
  return { first, stop: () => stop() };
}

function banner(
  { terminal, version }: CommandContext,
  settings: Settings,
  isDemo: boolean,
  service: { readonly url: string; readonly setupLink: string | null },
): readonly string[] {
  const clusters = settings.clusters.map(({ id, name }) => (name === id ? id : `${name} (${id})`)).join(", ");
  const rows = [
    ["Page", terminal.style("bold", service.url)],
    ["Data", settings.dataDir],
    isDemo ? ["Cluster", terminal.style("yellow", "simulated data: nothing here is real")] : ["Clusters", clusters],
    ...(service.setupLink === null ? [] : [["Set-up", `${service.setupLink}  (once, within 15 minutes)`]]),
  ];
  return ["", `  Pilothouse ${version}`, ...table(rows).map((line) => `  ${line}`), ""];
}
