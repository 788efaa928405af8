import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tarOf } from "../../src/lib/tar.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

describe("a tar archive", () => {
  it("is unpacked by the system's own tar: any text, also none, and whole blocks", () => {
    const directory = temporaryDirectory();
    const files = ["", "größe\n", "x".repeat(512), "y".repeat(100_000)].map((content, index) => ({
      name: `folder/${index}.txt`,
      content,
    }));
    writeFileSync(join(directory, "a.tar"), tarOf(files, 1_700_000_000_000));

    const listed = execFileSync("tar", ["-tvf", "a.tar"], { cwd: directory, encoding: "utf8" });
    execFileSync("tar", ["-xf", "a.tar"], { cwd: directory });

    expect(listed.match(/^-rw-------/gm)).toHaveLength(4);
    for (const { name, content } of files) expect(readFileSync(join(directory, name), "utf8")).toBe(content);
  });

  it("refuses a name that does not fit", () => {
    expect(() => tarOf([{ name: "x".repeat(101), content: "" }], 0)).toThrow(RangeError);
  });
});
