// C11: nodes repeat samples and give them in any order, and batches come twice.
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Agent, request } from "undici";
import { expect, it, onTestFinished } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { fingerprintOf } from "../pve/client.ts";
import { makeCertificate } from "../pve/https-server.ts";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

it("C11: samples that come twice or out of order are stored once, and change nothing", {
  timeout: 60_000,
}, async () => {
  const simulator = await startSimulator({ nodes: 1, guests: 8, speed: 0, unauthorizedDelayMs: 0 });
  let shuffled = 0;
  const { url, fingerprint } = await between(simulator, (path, text) => {
    if (!path.includes("/cluster/metrics/export")) return text;
    const answer = JSON.parse(text) as { data: { data: unknown[] } };
    const points = [...answer.data.data, ...answer.data.data];
    shuffled += points.length;
    return JSON.stringify({ data: { data: points.sort(() => Math.sin(shuffled++)) } });
  });
  const polled = await watchedPoller({
    on: simulator,
    endpoints: () => [url],
    trust: { kind: "pin", sha256: fingerprint },
  });
  for (let round = 0; round < 6; round++) await polled.poll();

  const exported = polled.rows().filter(({ origin }) => origin === "export");
  const keys = exported.map(({ id, ts }) => `${id} ${ts}`);
  const { values } = await polled.expectTruth();
  expect(new Set(keys).size).toBe(keys.length);
  measured(
    "C11",
    `${Math.round(shuffled / 4)} points each twice and shuffled, ${keys.length} rows, each once, ${values} values true`,
  );
});

/** A proxy in front of a simulated node that may rewrite what it answers. */
async function between(
  simulator: RunningSimulator,
  rewrite: (path: string, text: string) => string,
): Promise<{ readonly url: string; readonly fingerprint: string }> {
  const dispatcher = new Agent({ connect: { ca: simulator.caPem, checkServerIdentity: () => undefined } });
  const certificate = await makeCertificate();
  const server = createServer(certificate, (asked, reply) => {
    void (async () => {
      const { statusCode, body } = await request(`${simulator.url}${asked.url ?? ""}`, {
        dispatcher,
        headers: { authorization: asked.headers.authorization ?? "" },
      });
      const text = await body.text();
      reply.writeHead(statusCode, { "content-type": "application/json;charset=UTF-8" });
      reply.end(statusCode === 200 ? rewrite(asked.url ?? "", text) : text);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await dispatcher.close();
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fingerprint: fingerprintOf(certificate),
  };
}
