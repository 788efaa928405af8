// D9: two processes want the same data directory.
import { expect, it } from "vitest";
import { measured, seconds } from "./figure.ts";
import { aService, becomesReady } from "./service.ts";

it("D9: the second instance names the first and ends with 75; when the first is killed, the next takes over", {
  timeout: 90_000,
}, async () => {
  const service = await aService();
  const first = await service.serving();
  await becomesReady(first.url, service.dataDir);

  const refused = await service.start().ended;
  first.built.process.kill("SIGKILL");
  await first.built.ended;
  const next = await service.serving();
  await becomesReady(next.url, service.dataDir);
  next.built.process.kill("SIGTERM");
  const ended = await next.built.ended;
  const { values } = await service.expectTruth();

  expect(refused.code).toBe(75);
  expect(refused.stderr).toMatch(new RegExp(`process ${first.built.process.pid} on host`));
  expect(ended.code).toBe(0);
  expect(next.tookMs).toBeLessThanOrEqual(30_000);
  measured("D9", `refused with 75, taken over in ${seconds(next.tookMs)}, ${values} values true`);
});
