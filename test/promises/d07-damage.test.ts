// D7: the database file is damaged while the service is away.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { measured, seconds } from "./figure.ts";
import { aService, becomesReady, readiness } from "./service.ts";

it("D7: the service starts on a damaged database, keeps its bytes, says so and has everything again", {
  timeout: 90_000,
}, async () => {
  const service = await aService();
  const first = await service.serving();
  await becomesReady(first.url, service.dataDir);
  first.built.process.kill("SIGKILL");
  await first.built.ended;
  const file = join(service.dataDir, "metrics.duckdb");
  const damaged = readFileSync(file).fill(0x5a, 0, 4096);
  writeFileSync(file, damaged);

  const second = await service.serving();
  const { status, text } = await readiness(second.url);
  second.built.process.kill("SIGTERM");
  const { code, stdout, stderr } = await second.built.ended;
  const aside = readdirSync(service.dataDir).filter((name) => name.includes(".corrupt-"));
  const { values } = await service.expectTruth();

  expect(second.tookMs).toBeLessThanOrEqual(10_000);
  expect(status).toBe(503);
  expect(text).toContain("damaged database was put aside");
  expect(code).toBe(0);
  expect(stdout + stderr).toContain(file);
  expect(aside.some((name) => readFileSync(join(service.dataDir, name)).equals(damaged))).toBe(true);
  measured("D7", `serves ${seconds(second.tookMs)} after the start, ${values} values true`);
});
