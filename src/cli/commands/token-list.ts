// Lists the API tokens: what there is and was, never the secrets, which are not kept.
import type { ApiToken } from "../../model/accounts.ts";
import type { Command } from "../command.ts";
import { configSource, locateOptions } from "../shared-options.ts";
import { table } from "../terminal.ts";

export const tokenList: Command = {
  name: "token list",
  summary: "List the API tokens",
  examples: ["pilothouse token list", "pilothouse token list --json"],
  permission: "tokens:read",
  options: locateOptions,
  givesData: true,
  async run(context) {
    const { terminal } = context;
    const [{ loadConfig }, { adminCall, shownToken }, { systemClock }] = await Promise.all([
      import("../../config/index.ts"),
      import("../admin.ts"),
      import("../../lib/clock.ts"),
    ]);
    const { settings } = loadConfig(configSource(context, false));
    const tokens = (await adminCall(settings, systemClock, "token.list")) as readonly ApiToken[];
    if (terminal.json) terminal.data(tokens.map(shownToken));
    else if (tokens.length === 0)
      terminal.note("There are no API tokens; make one with: pilothouse token create --name …");
    else for (const line of table([header, ...tokens.map((token) => row(token, Date.now()))])) terminal.out(line);
    return 0;
  },
};

const header = ["ID", "NAME", "ROLE", "SCOPE", "STATE", "LAST USED"];

function row(token: ApiToken, now: number): readonly string[] {
  const ended = token.expiresAt !== null && token.expiresAt <= now;
  const state = token.revokedAt !== null ? "revoked" : ended ? "expired" : "valid";
  const used = token.lastUsedAt === null ? "never" : new Date(token.lastUsedAt).toISOString();
  return [token.id, token.name, token.role, scopeText(token), state, used];
}

function scopeText({ scope }: ApiToken): string {
  const part = (kind: string, names: readonly string[] | null): readonly string[] =>
    (names ?? []).map((name) => `${kind}:${name}`);
  const parts = [...part("cluster", scope.clusters), ...part("pool", scope.pools), ...part("tag", scope.tags)];
  return parts.length === 0 ? "everything" : parts.join(",");
}
