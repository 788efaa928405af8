// Rules of the house that no other tool checks.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { referencePages } from "../../src/cli/reference.ts";

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
interface LockFile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly resolved?: string;
        readonly license?: string;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
        readonly dev?: boolean;
        readonly link?: boolean;
      }
    >
  >;
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const lock = json("package-lock.json") as LockFile;
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => /\.(ts|tsx|css|html|mjs)$/.test(file));

describe("the reference pages", () => {
  it.each(Object.entries(referencePages()))("docs/reference/%s is up to date (npm run docs)", (name, text) => {
    expect(readFileSync(join("docs/reference", name), "utf8")).toBe(text);
  });
});

describe("the sources", () => {
  it("leave nothing for later", () => {
    const found = [...filesIn("src"), ...filesIn("scripts")].filter((file) =>
      /\b(TODO|FIXME|XXX|HACK)\b/.test(readFileSync(file, "utf8")),
    );

    expect(found).toEqual([]);
  });

  it("say at the top of each file what it is for", () => {
    const silent = filesIn("src").filter((file) => {
      const text = readFileSync(file, "utf8").replace(/^#!.*\n/, "");
      return file.endsWith(".ts") && !text.startsWith("//") && !text.startsWith("/**");
    });

    expect(silent).toEqual([]);
  });

  it("read the environment in main.ts only", () => {
    const readers = filesIn("src").filter((file) => /\bprocess\.env\b/.test(readFileSync(file, "utf8")));

    expect(readers).toEqual(["src/main.ts"]);
  });
});

describe("the packages", () => {
  it("are pinned exactly", () => {
    const { dependencies, devDependencies } = json("package.json") as PackageJson;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );

    expect(loose).toEqual([]);
  });

  it("name no registry in the lock file, so that any mirror serves them", () => {
    const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);

    expect(named.map(([path]) => path)).toEqual([]);
  });

  it("are locked for every platform, or npm ci refuses the lock file (node scripts/complete-lock.mjs)", () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages),
      ),
    );

    expect(missing).toEqual([]);
  });

  /** A client of others that the simulator is tried with; no part of what is shipped. */
  const onlyTalksToTests = "node_modules/proxmox-api";

  it("declare a licence that may be shipped: no GPL, no AGPL", () => {
    const refused = Object.entries(lock.packages).flatMap(([path, entry]) => {
      const licence = licenceOf(path, entry.license);
      if (path === onlyTalksToTests) return [];
      return path === "" || (licence !== "" && isAcceptable(licence)) ? [] : [`${path}: ${licence || "none declared"}`];
    });

    expect(refused).toEqual([]);
  });
});

/** Older packages declare it in the package only, or in the old form of a list. */
function licenceOf(path: string, declared: string | undefined): string {
  if (declared !== undefined) return declared;
  const file = join(path, "package.json");
  if (!existsSync(file)) return "";
  const { license, licenses } = json(file) as { license?: string | { type: string }; licenses?: { type: string }[] };
  return typeof license === "string"
    ? license
    : (license?.type ?? licenses?.map(({ type }) => type).join(" OR ") ?? "");
}

/** Of alternatives one that is acceptable is enough. */
function isAcceptable(licence: string): boolean {
  return licence
    .split(/\s+OR\s+/i)
    .some((choice) => !/\bA?GPL\b|\bA?GPL-|UNLICENSED|SSPL|BUSL/i.test(choice.replace(/\bLGPL[-\w.]*/gi, "")));
}
