// Makes an API token; it is shown this one time.
import { UsageError } from "../../lib/errors.ts";
import { everything, roles, type Scope } from "../../model/access.ts";
import type { ApiToken } from "../../model/accounts.ts";
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const tokenCreate: Command = {
  name: "token create",
  summary: "Make an API token and print it, this one time",
  examples: [
    "pilothouse token create --name grafana --role viewer",
    "pilothouse token create --name web-team --role operator --scope pool:web --scope tag:web --expires 90d",
  ],
  permission: "tokens:admin",
  options: [
    { flags: "--name <name>", summary: "What the token is for" },
    { flags: "--role <role>", summary: "What it may do (default viewer)", choices: roles },
    {
      flags: "--scope <scope...>",
      summary: "What it sees: cluster:ID, pool:NAME or tag:NAME; everything when left out",
    },
    { flags: "--expires <duration>", summary: 'When it ends, such as "90d"; never when left out' },
    ...locateOptions,
  ],
  givesData: true,
  async run(context) {
    const { options, terminal } = context;
    const name = options.required("name", "--name").trim();
    if (name === "" || name.length > 100) throw new UsageError("--name takes 1 to 100 characters.");
    const params = {
      name,
      role: options.text("role") ?? "viewer",
      scope: parseScope(options.list("scope")),
      expiresAt: await parseExpiry(options.text("expires")),
    };
    const [{ loadConfig }, { adminCall, shownToken }, { systemClock }] = await Promise.all([
      import("../../config/index.ts"),
      import("../admin.ts"),
      import("../../lib/clock.ts"),
    ]);
    const { settings } = loadConfig(configSource(context, false));
    const made = (await adminCall(settings, systemClock, "token.create", params)) as {
      token: ApiToken;
      secret: string;
    };
    if (terminal.json) {
      terminal.data({ ...shownToken(made.token), token: made.secret });
    } else {
      terminal.note(`Token ${made.token.id} (${made.token.role}): keep it now, it is not shown again.`);
      terminal.out(made.secret);
    }
    return 0;
  },
};

/** `cluster:ID`, `pool:NAME` and `tag:NAME`, as many as wanted; none means everything. */
export function parseScope(words: readonly string[]): Scope {
  const named: Record<string, string[]> = { cluster: [], pool: [], tag: [] };
  for (const word of words.flatMap((each) => each.split(","))) {
    const [, kind = "", value = ""] = /^(cluster|pool|tag):(\S+)$/.exec(word.trim()) ?? [];
    const list = named[kind];
    if (list === undefined) throw new UsageError(`--scope takes cluster:ID, pool:NAME or tag:NAME, not "${word}".`);
    list.push(value);
  }
  const only = (list: readonly string[] | undefined): readonly string[] | null => (list?.length ? list : null);
  return { ...everything, clusters: only(named["cluster"]), pools: only(named["pool"]), tags: only(named["tag"]) };
}

async function parseExpiry(text: string | undefined): Promise<number | null> {
  if (text === undefined) return null;
  const { parseDuration } = await import("../../config/quantity.ts");
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds <= 0)
    throw new UsageError(`--expires takes a duration such as "90d", not "${text}".`);
  return Date.now() + seconds * 1000;
}
