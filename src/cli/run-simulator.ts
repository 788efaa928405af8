// Starts the simulated cluster and says how to reach it, until a signal ends it.
import { ListenError } from "../lib/errors.ts";
import { type Release, type RunningSimulator, startSimulator } from "../simulator/index.ts";
import type { CommandContext } from "./command.ts";
import { table } from "./terminal.ts";

export async function runSimulator(context: CommandContext): Promise<number> {
  const { terminal, edge } = context;
  const ended = new Promise<void>((resolve) => {
    edge.onSignal(() => resolve());
  });
  const simulator = await start(context);
  const { url, tokenId, tokenSecret, fingerprint } = simulator;
  // The secret opens nothing but this simulator, and follows from the seed.
  const access = { url, token_id: tokenId, token_secret: tokenSecret, fingerprint };
  if (terminal.json) terminal.data(access);
  else for (const line of table(Object.entries(access))) terminal.out(line);
  terminal.note("Simulated data. Ctrl-C ends it.");
  await ended;
  await simulator.close();
  return 0;
}

async function start({ options }: CommandContext): Promise<RunningSimulator> {
  const number = (name: string, [min, max]: readonly [number, number]): Record<string, number> => {
    const value = options.whole(name, `--${name}`, [min, max]);
    return value === undefined ? {} : { [name]: value };
  };
  const nodes = options.whole("nodes", "--nodes", [1, 64]) ?? 6;
  const olderNodes = Array.from({ length: Math.floor(nodes / 2) }, (_, index) => `pve${2 * index + 2}`);
  const given = {
    ...number("nodes", [1, 64]),
    ...number("guests", [0, 10_000]),
    ...number("seed", [0, 2 ** 31 - 1]),
    ...number("speed", [0, 100_000]),
    ...number("port", [0, 65_535]),
    ...(options.text("release") === undefined ? {} : { release: options.text("release") as Release }),
    ...(options.flag("mixed")
      ? { releases: Object.fromEntries(olderNodes.map((name) => [name, "8.4"] as const)) }
      : {}),
  };
  try {
    return await startSimulator(given);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw cause;
    const why = code === "EACCES" ? "this user may not listen there" : "another program listens there";
    throw new ListenError(`Port ${options.text("port") ?? ""} cannot be used: ${why}; choose another --port.`, {
      cause,
    });
  }
}
