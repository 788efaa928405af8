import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";

const unit = fileURLToPath(new URL("../../packaging/pilothouse.service", import.meta.url));
const analyze = "/usr/bin/systemd-analyze";

describe.skipIf(!existsSync(analyze) && process.env["CI"] !== "true")("the unit of systemd", () => {
  it("has no word that systemd does not know", () => {
    const folder = mkdtempSync(join(tmpdir(), "pilothouse-unit-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const copy = join(folder, "pilothouse.service");
    copyFileSync(unit, copy);
    // The program is not installed here; which one it is makes no difference to the words.
    writeFileSync(copy, readFileSync(unit, "utf8").replace("/usr/local/bin/pilothouse", "/bin/true"));

    const { status, stderr } = spawnSync(analyze, ["verify", copy], { encoding: "utf8" });

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("leaves the service little that it could do to the machine: exposure of at most 3 of 10", () => {
    const told = execFileSync(analyze, ["security", "--offline=true", "--no-pager", unit], { encoding: "utf8" });

    expect(Number(/exposure level for \S+: ([\d.]+)/.exec(told)?.[1])).toBeLessThanOrEqual(3);
  });
});
