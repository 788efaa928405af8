// Makes a clone runnable: installs what package-lock.json names and builds what is newer than dist. Everything that is
// started by npm or ./pilothouse goes through here first; when nothing is to be done it takes some hundredths of a second.
import "./node-version.mjs";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const modulesStamp = join(modules, ".pilothouse-stamp");
const dist = join(root, "dist");
const buildStamp = join(dist, ".pilothouse-stamp");
const say = (message) => process.stderr.write(`pilothouse: ${message}\n`);

/** Installs and, unless told otherwise, builds. Ends the process with one sentence when that fails. */
export async function prepare({ build = true } = {}) {
  try {
    if (!areModulesCurrent()) await locked("install", install);
    if (build && !isBuildCurrent()) await locked("build", buildAll);
  } catch (error) {
    say(error.message);
    process.exit(1);
  }
}

/** Runs a program of node_modules/.bin or the path; resolves to its exit code. Its output goes to our stderr. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

export const bin = (name) => join(modules, ".bin", name);

function areModulesCurrent() {
  const lock = join(root, "package-lock.json");
  if (readOrEmpty(modulesStamp) === hashOf([lock])) return true;
  // npm writes this file at the end of every install: somebody ran npm by hand.
  const written = join(modules, ".package-lock.json");
  return existsSync(written) && statSync(written).mtimeMs >= statSync(lock).mtimeMs;
}

async function install() {
  if (areModulesCurrent()) return;
  say("installing packages (npm ci)…");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const code = await run(npm, ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]).catch(() => 127);
  if (code !== 0) throw new Error(`npm ci failed (exit code ${code}); see above, then run: npm ci`);
  writeFileSync(modulesStamp, hashOf([join(root, "package-lock.json")]));
}

/** What the build is made from. */
function sources() {
  const files = ["package-lock.json", "tsconfig.json", "scripts/prepare.mjs", "scripts/build-web.mjs"];
  return [...files.map((file) => join(root, file)).filter(existsSync), ...filesIn(join(root, "src"))];
}

const isBuildCurrent = () => existsSync(join(dist, "main.js")) && readOrEmpty(buildStamp) === hashOf(sources());

async function buildAll() {
  const wanted = hashOf(sources());
  if (existsSync(join(dist, "main.js")) && readOrEmpty(buildStamp) === wanted) return;
  say("building…");
  rmSync(buildStamp, { force: true });
  removeLeftovers();
  // Both halves at once: the one is bound by the type checker, the other is done in a second.
  const [code] = await Promise.all([
    run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", "tsconfig.json"]),
    web(),
  ]);
  if (code !== 0) throw new Error("the build failed; see above, then run: npm run check");
  const schema = await import(pathToFileURL(join(dist, "config/index.js")).href);
  writeFileSync(join(dist, "config-schema.json"), `${JSON.stringify(schema.configJsonSchema(), null, 2)}\n`);
  writeFileSync(buildStamp, wanted);
}

async function web() {
  const script = join(root, "scripts/build-web.mjs");
  const { buildWeb } = await import(pathToFileURL(script).href);
  await buildWeb();
}

/** Built files whose source is gone would still be found by those who import them. */
function removeLeftovers() {
  if (!existsSync(dist)) return;
  // Without its result the compiler's memory of it is wrong.
  if (!existsSync(join(dist, "main.js"))) rmSync(join(dist, ".tsbuildinfo"), { force: true });
  for (const file of filesIn(dist)) {
    const path = relative(dist, file);
    if (path.startsWith("web") || !/\.js(\.map)?$/.test(path)) continue;
    if (!existsSync(join(root, "src", path.replace(/\.js(\.map)?$/, ".ts")))) rmSync(file);
  }
}

/** One process at a time; one that ended without letting go is noticed by its id. */
async function locked(name, work) {
  const key = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `pilothouse-${name}-${key}.lock`);
  for (let waited = 0; !takes(folder); waited++) {
    if (waited === 5) say(`waiting for another ${name}…`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", release);
  try {
    await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

function takes(folder) {
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, "pid"), String(process.pid));
    return true;
  } catch {
    const owner = Number(readOrEmpty(join(folder, "pid")));
    if (owner > 0 && !isAlive(owner)) rmSync(folder, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare({ build: !process.argv.includes("--modules") });
