// Writes the configuration of init: a new file, or one more cluster in an existing one, whose comments stay. The file
// is made beside the old one with mode 0600 and put in its place, so that there is never half a file.
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import type { AccessSettings } from "../../config/index.ts";
import { ConfigError } from "../../lib/errors.ts";
import type { ChosenTrust } from "./choose-trust.ts";

export interface NewCluster {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** With the secret itself, or a reference to its file. */
  readonly access: AccessSettings;
  readonly trust: ChosenTrust;
}

/** Throws a ConfigError when the file has a cluster of this id already and `force` is not given. */
export function requireNewId(file: string, id: string, force: boolean): void {
  if (!existsSync(file) || force || indexOf(readDocument(file), id) === -1) return;
  throw new ConfigError(`${file} has a cluster "${id}" already; replace it with --force, or give another --id.`);
}

/** Throws a ConfigError when the file cannot be read as YAML or not be written. */
export function writeCluster(file: string, cluster: NewCluster): void {
  const document = existsSync(file) ? readDocument(file) : newDocument();
  const node = document.createNode(asData(cluster));
  const index = indexOf(document, cluster.id);
  const clusters = document.get("clusters");
  if (index !== -1) document.setIn(["clusters", index], node);
  else if (isSeq(clusters) && clusters.items.length > 0) document.addIn(["clusters"], node);
  else document.set("clusters", document.createNode([asData(cluster)]));
  replaceFile(existsSync(file) ? realpathSync(file) : file, document.toString({ lineWidth: 0 }));
}

function asData({ id, name, url, access, trust }: NewCluster): object {
  return { id, name, endpoints: [url], ...accessData(access), trust: trust.written };
}

function accessData(access: AccessSettings): object {
  if ("token" in access) return { token: { id: access.token.id, secret: access.token.secret.reveal() } };
  return { login: { user: access.login.user, password: access.login.password.reveal() } };
}

function newDocument(): Document {
  const schema = fileURLToPath(new URL("../../config-schema.json", import.meta.url));
  const hint = existsSync(schema) ? ` yaml-language-server: $schema=${schema}\n` : "";
  const document = new Document({});
  document.commentBefore = `${hint} Configuration of Pilothouse. All keys: docs/reference/configuration.md; check it with: pilothouse check-config`;
  return document;
}

function readDocument(file: string): Document {
  const document = parseDocument(readFileSync(file, "utf8"), { prettyErrors: false, logLevel: "silent" }) as Document;
  const usable = document.errors.length === 0 && (document.contents === null || isMap(document.contents));
  if (!usable)
    throw new ConfigError(
      `${file} is not a configuration that a cluster can be added to; see: pilothouse check-config ${file}`,
    );
  return document;
}

function indexOf(document: Document, id: string): number {
  const clusters = document.get("clusters");
  if (!isSeq(clusters)) return -1;
  return clusters.items.findIndex((item) => isMap(item) && item.get("id") === id);
}

function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new ConfigError(`${file} cannot be written (${code}); check that ${dirname(file)} is there and yours.`, {
      cause,
    });
  }
}
