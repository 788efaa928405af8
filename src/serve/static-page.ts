// Serves the built page. The files are listed and read once at start; a request only looks its path up in that list, so
// no path, however written, can reach another file.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { FastifyReply, FastifyRequest } from "fastify";
import { listedPages } from "../model/page-names.ts";
import { acceptedEncoding } from "./http/compress.ts";
import { pathOf, sendProblem } from "./http/problem-details.ts";

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json; charset=utf-8",
};

/** Addresses of the page's own views; all are the same document. */
const clientRoutes = new RegExp(
  `^/($|index\\.html$|(node|guest|storage|cluster)/|(${[...listedPages, "login", "setup"].join("|")})/?$)`,
);

/** A name that changes with its content, such as main-5F2KQ7XA.js. */
const hashedName = /[-.][A-Za-z0-9_]{8,}\.[a-z0-9]+$/;

/** The handler of everything below `basePath` that no route answers. */
export function staticPage(webRoot: string, basePath: string) {
  const files = readFiles(webRoot);
  const index = files.get("/index.html");
  const page = index === undefined ? undefined : withBasePath(index.body.toString("utf8"), basePath);
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = pathOf(request.url).slice(basePath.length) || "/";
    if (clientRoutes.test(path)) return page === undefined ? sendNotBuilt(reply) : sendPage(reply, page);
    const file = files.get(path);
    if (file === undefined) return sendProblem(reply, { status: 404, detail: "There is nothing at this address." });
    return sendFile(request, reply, file, path.startsWith("/assets/") && hashedName.test(path));
  };
}

function readFiles(webRoot: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  if (!existsSync(webRoot)) return files;
  const names = readdirSync(webRoot, { recursive: true, encoding: "utf8" });
  const readOrNone = (path: string): Buffer | undefined => (existsSync(path) ? readFileSync(path) : undefined);
  for (const name of names) {
    const path = join(webRoot, name);
    const type = types[extname(name)];
    if (type === undefined || !statSync(path).isFile()) continue;
    const url = `/${relative(webRoot, path).split(sep).join("/")}`;
    files.set(url, { type, body: readFileSync(path), br: readOrNone(`${path}.br`), gzip: readOrNone(`${path}.gz`) });
  }
  return files;
}

/** Addresses in the document begin with "/"; below a base path they begin with that. A <base> element is forbidden by the policy. */
function withBasePath(html: string, basePath: string): string {
  return html.replaceAll(/\b(href|src)="\/(?!\/)/g, (_match, name: string) => `${name}="${basePath}/`);
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
}

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type("text/plain; charset=utf-8")
    .header("cache-control", "no-store")
    .send("The web page is not built here; run `npm run build` and start again. The API works without it.\n");
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile, immutable: boolean): FastifyReply {
  const accepted = acceptedEncoding(request.headers["accept-encoding"]);
  const encoding = accepted === "br" && file.br === undefined ? "gzip" : accepted;
  const packed = encoding === "br" ? file.br : encoding === "gzip" ? file.gzip : undefined;
  if (packed !== undefined && encoding !== undefined) reply.header("content-encoding", encoding);
  return reply
    .type(file.type)
    .header("cache-control", immutable ? "public, max-age=31536000, immutable" : "no-cache")
    .send(packed ?? file.body);
}
