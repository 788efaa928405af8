// A file in a plugin folder that its registry does not name would be dead code that looks alive.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checks, commands } from "../../src/cli/index.ts";
import { factReaders } from "../../src/collect/facts/index.ts";
import { factKinds } from "../../src/model/facts-catalogue.ts";
import { factReaderNames } from "../../src/model/facts-paces.ts";

/** Folders of plugins and the file whose arrays name them. */
const folders = [
  ["src/cli/commands", "src/cli/index.ts"],
  ["src/cli/checks", "src/cli/index.ts"],
  ["src/serve/routes", "src/serve/index.ts"],
  ["src/collect/facts/readers", "src/collect/facts/index.ts"],
] as const;

const moduleNames = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith("index.ts"),
  );

describe("registries", () => {
  it.each(folders)("%s agrees with %s", (folder, registry) => {
    const text = readFileSync(registry, "utf8");
    const base = folder.split("/").at(-1) ?? "";
    const imported = [...text.matchAll(/^(?:import|export)\s[^;]*?\{([^}]*)\}[^;]*?from "\.\/([^"]+)"/gms)].filter(
      ([, , path = ""]) => path.startsWith(`${base}/`),
    );

    expect(existsSync(folder)).toBe(true);
    expect(imported.map(([, , path = ""]) => path.slice(base.length + 1)).sort()).toEqual(
      [...moduleNames(folder)].sort(),
    );
    for (const [statement, names = ""] of imported) {
      for (const name of names
        .split(",")
        .map((each) => each.trim())
        .filter((each) => each !== "" && !each.startsWith("type "))) {
        const used = text.replace(statement, "").match(new RegExp(`\\b${name}\\b`));
        expect(used, `${name} is imported by ${registry} and used there`).not.toBeNull();
      }
    }
  });

  it("has every fact reader once, with a pace, and every kind of fact is told by one", () => {
    const names = factReaders.map(({ name }) => name);

    expect([...names].sort()).toEqual([...factReaderNames].sort());
    expect(factReaders.flatMap(({ tells }) => tells).sort()).toEqual([...factKinds].sort());
  });

  it("has every command and every check once, each with what help and doctor print", () => {
    const names = commands.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(checks.length).toBeLessThanOrEqual(15);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    for (const { name, summary, examples, permission } of commands) {
      expect(summary, name).not.toBe("");
      expect(examples.length, name).toBeGreaterThan(0);
      expect(permission, name).toMatch(/^(local|public|[a-z]+:(read|plan|approve|apply|admin))$/);
    }
  });
});
