// The certificate step of init: shows what the node shows and settles how it is believed. Nothing but TLS is spoken
// before that, so a wrong server never sees the token.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseFingerprint } from "../../config/index.ts";
import { ConfigError, PilothouseError, UsageError } from "../../lib/errors.ts";
import { probeCertificate, type ShownCertificate, type Trust } from "../../pve/index.ts";
import type { CommandContext } from "../command.ts";
import { table } from "../terminal.ts";

export interface ChosenTrust {
  readonly trust: Trust;
  /** The key of the configuration that says the same. */
  readonly written: Readonly<Record<string, string | boolean>>;
}

/** The person said that this is not the node, or it shows another certificate than was given. */
class DistrustedError extends PilothouseError {
  readonly code = "PH_DISTRUSTED";
  override readonly exitCode = 76;
}

export async function chooseTrust(context: CommandContext, url: string): Promise<ChosenTrust> {
  const { options, terminal, edge } = context;
  const given = givenFingerprint(options.text("fingerprint"));
  const shown = await probeCertificate(url);
  terminal.note(`\nCertificate of ${url}:`);
  for (const line of table(rowsOf(shown))) terminal.note(`  ${line}`);

  const caFile = options.text("caFile");
  if (caFile !== undefined) return byAuthority(resolve(edge.cwd, caFile));
  const pin: ChosenTrust = { trust: { kind: "pin", sha256: shown.sha256 }, written: { fingerprint: shown.sha256 } };
  if (given === shown.sha256) return pin;
  if (given !== undefined) {
    throw new DistrustedError(`${url} shows another certificate than --fingerprint says; nothing was sent to it.`);
  }
  if (shown.systemTrusted) return { trust: { kind: "system" }, written: { system: true } };
  if (options.flag("yes") || (await confirmed(context))) return pin;
  throw new DistrustedError("The certificate was not confirmed; nothing was sent and nothing was written.");
}

function confirmed({ terminal }: CommandContext): Promise<boolean> {
  terminal.note("No authority that this machine knows vouches for it. Compare the SHA-256 with the node's own:");
  terminal.note("  on the node: pvenode cert info     in PVE's page: node → System → Certificates");
  return terminal.confirm("Is it the same?", "--fingerprint (or --yes)");
}

function givenFingerprint(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const sha256 = parseFingerprint(text);
  if (sha256 !== undefined) return sha256;
  throw new UsageError("--fingerprint takes a SHA-256: 32 pairs of hexadecimal digits, AA:BB:…");
}

function byAuthority(file: string): ChosenTrust {
  try {
    return { trust: { kind: "ca", pem: readFileSync(file, "utf8") }, written: { ca_file: file } };
  } catch (cause) {
    throw new ConfigError(`--ca-file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"}).`, {
      cause,
    });
  }
}

function rowsOf({
  subject,
  issuer,
  notAfter,
  sha256,
  systemTrusted,
}: ShownCertificate): readonly (readonly string[])[] {
  return [
    ["subject", subject],
    ["issuer", issuer],
    ["expires", notAfter.slice(0, 10)],
    ["SHA-256", sha256],
    ["trusted", systemTrusted ? "by this machine's authorities" : "not by this machine's authorities"],
  ];
}
