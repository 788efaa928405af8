// `npm test`: prepares the clone, fetches what the tests need from Debian, runs them once, and ends with one plain line.
// Paths and options are passed on to vitest: npm test -- test/config
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bin, prepare, root, run } from "./prepare.mjs";

await prepare();
const fetched = [
  ["chromium", hasChromium],
  ["docker-compose", () => existsSync("/usr/bin/docker-compose")],
  ["systemd", () => existsSync("/usr/bin/systemd-analyze")],
].filter(([, isHere]) => !isHere());
if (fetched.length > 0) install(fetched.map(([name]) => name));
const missing = [...fetched.flatMap(([name, isHere]) => (isHere() ? [] : [name])), ...missingServers()];
const report = join(root, `node_modules/.cache/pilothouse-tests-${process.pid}.json`);
const args = ["run", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)];
const exitCode = await run(bin("vitest"), args, { stdio: ["ignore", 1, 2], env: environment() }).catch(() => 1);
const { passed, failed } = count();
for (const name of missing)
  console.log(
    `${name}: its tests were ${process.env.CI === "true" ? "not run" : "left out"} (apt-get install ${name})`,
  );
const broken = failed + (missing.length > 0 && process.env.CI === "true" ? 1 : 0);
// A run that ended badly without a failed test (a crash, an unhandled error) is a failure of its own.
const total = broken === 0 && exitCode !== 0 ? 1 : broken;
console.log(`${passed} passed, ${total} failed`);
process.exitCode = total === 0 ? 0 : 1;

/** Colours are for people; in a file they are noise. */
function environment() {
  return process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
}

function count() {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    // A file that could not even be loaded has no tests to count.
    const unloaded = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    ).length;
    return { passed: numPassedTests, failed: numFailedTests + unloaded };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(report, { force: true });
  }
}

/** Only root on Debian or Ubuntu may; elsewhere what is missing is said at the end. */
function install(names) {
  if (process.getuid?.() !== 0 || !isDebian()) return;
  process.stderr.write(`pilothouse: installing ${names.join(", ")} for the tests (apt-get)…\n`);
  apt(["update", "-qq"]);
  apt(["install", "-y", "-qq", "--no-install-recommends", ...names]);
}

/**
 * Servers that are fetched as packages and not installed: installing would start them. Before the tests, which run side
 * by side and would all fetch them.
 */
function missingServers() {
  const script = `import { debianBinary } from "./test/debian-binaries.ts";
    console.log(["influxdb", "victoria-metrics"].filter((name) => debianBinary(name) === undefined).join(" "));`;
  const words = ["--import", "tsx", "--input-type=module", "-e", script];
  const names = execFileSync(process.execPath, words, { cwd: root, stdio: ["ignore", "pipe", 2] }).toString();
  return names.split(/\s+/).filter((name) => name !== "");
}

function hasChromium() {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser"].some((path) => {
    try {
      return existsSync(path) && execFileSync(path, ["--version"], { stdio: "pipe", timeout: 30_000 }).length > 0;
    } catch {
      return false;
    }
  });
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

function apt(words) {
  try {
    execFileSync("apt-get", words, {
      stdio: ["ignore", 2, 2],
      timeout: 600_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch {
    // What is missing is said by the caller.
  }
}
