// The account step of init: an API token, or by flag a user and password where no token can be had. Secrets come from a
// file, stdin or a hidden prompt.
import { resolve } from "node:path";
import { type AccessSettings, readSecretFile } from "../../config/index.ts";
import { ConfigError, UsageError } from "../../lib/errors.ts";
import { Secret } from "../../lib/secret.ts";
import type { CommandContext } from "../command.ts";
import { setUpLines } from "./show-privileges.ts";

export interface AskedAccess {
  /** To sign in with now. */
  readonly used: AccessSettings;
  /** For the file: the same, or a reference where the secret has a file of its own. */
  readonly written: AccessSettings;
}

const defaultTokenId = "pilothouse@pve!pilothouse";

export async function askAccess(context: CommandContext): Promise<AskedAccess> {
  const { options } = context;
  const user = options.text("user");
  if (user === undefined) return askToken(context);
  if (options.text("tokenId") !== undefined) throw new UsageError("--user and --token-id exclude each other.");
  context.terminal.note("\nAn API token is better than a password: fewer rights, no second factor, easily taken away.");
  const { secret, written } = await askSecret(context, {
    file: options.text("passwordFile"),
    question: `Password of ${user} (not shown):`,
    flag: "--password-file",
  });
  return { used: { login: { user, password: secret } }, written: { login: { user, password: written } } };
}

async function askToken(context: CommandContext): Promise<AskedAccess> {
  const { options, terminal } = context;
  for (const line of setUpLines()) terminal.note(line);
  const id = options.text("tokenId") ?? (await askTokenId(context));
  const { secret, written } = await askSecret(context, {
    file: options.text("tokenFile"),
    question: "Secret of the token (not shown):",
    flag: "--token-file",
  });
  return { used: { token: { id, secret } }, written: { token: { id, secret: written } } };
}

async function askTokenId({ terminal }: CommandContext): Promise<string> {
  const answer = await terminal.ask(`API token [${defaultTokenId}]:`, "--token-id");
  return answer === "" ? defaultTokenId : answer;
}

interface SecretQuestion {
  /** "-" and undefined: ask. */
  readonly file: string | undefined;
  readonly question: string;
  readonly flag: string;
}

async function askSecret(
  { terminal, edge }: CommandContext,
  { file, question, flag }: SecretQuestion,
): Promise<{ readonly secret: Secret; readonly written: Secret }> {
  if (file === undefined || file === "-") {
    const secret = await terminal.askSecret(question, flag);
    if (secret.reveal() === "") throw new UsageError("The secret is empty; PVE shows a token's once, when it is made.");
    return { secret, written: secret };
  }
  const path = resolve(edge.cwd, file);
  const read = readSecretFile(path);
  if ("problem" in read) throw new ConfigError(`${read.problem}.`);
  return { secret: new Secret(read.value), written: new Secret(`\${file:${path}}`) };
}
