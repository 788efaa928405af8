// Bundles src/web into dist/web: index.html and, under /assets/ with hashed names, the scripts and the style sheet, each
// with its .gz and .br beside it. Run as `node scripts/build-web.mjs`, or import `buildWeb`.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src", "web");

/**
 * Builds the page into `outDir` (default dist/web), replacing what was there.
 * Returns each file's name and size, gzipped as it travels. Throws esbuild's error when the sources do not compile.
 */
export async function buildWeb({ outDir = join(root, "dist", "web") } = {}) {
  const assets = await bundle();
  await rm(outDir, { recursive: true, force: true });
  await mkdir(join(outDir, "assets"), { recursive: true });
  let page = await readFile(join(source, "index.html"), "utf8");
  const sizes = [];
  for (const { name, contents } of assets) {
    const hash = createHash("sha256").update(contents).digest("hex").slice(0, 10);
    const hashed = name.replace(/\.(\w+)$/, `-${hash}.$1`);
    if (!page.includes(`/assets/${name}"`)) throw new Error(`src/web/index.html does not name /assets/${name}`);
    page = page.replace(`/assets/${name}"`, `/assets/${hashed}"`);
    sizes.push(await writeCompressed(join(outDir, "assets", hashed), contents));
  }
  sizes.push(await writeCompressed(join(outDir, "index.html"), Buffer.from(page)));
  return sizes;
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: {
      main: join(source, "main.tsx"),
      theme: join(source, "theme-boot.ts"),
      page: join(source, "styles", "page.css"),
    },
    outdir: "/",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome111", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    legalComments: "none",
    logLevel: "warning",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles.map((file) => ({ name: file.path.replace(/^.*[\\/]/, ""), contents: Buffer.from(file.contents) }));
}

async function writeCompressed(path, contents) {
  const zipped = await promisify(gzip)(contents, { level: 9 });
  const brotli = await promisify(brotliCompress)(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await Promise.all([writeFile(path, contents), writeFile(`${path}.gz`, zipped), writeFile(`${path}.br`, brotli)]);
  return { path, bytes: contents.length, gzipBytes: zipped.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await buildWeb();
  for (const { path, bytes, gzipBytes } of sizes)
    console.log(`${path.slice(root.length)}  ${bytes} B, ${gzipBytes} B gzip`);
  console.log(`together ${sizes.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0)} B gzip`);
}
