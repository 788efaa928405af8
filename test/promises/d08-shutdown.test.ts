// D8: the service is told to end in the middle of everything.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { measured, seconds } from "./figure.ts";
import { aService, becomesReady } from "./service.ts";

const streams = 100;

it("D8: SIGTERM lets what is under way finish, tells every stream why, loses nothing and ends with 0 in time", {
  timeout: 90_000,
}, async () => {
  const service = await aService();
  const { built, url } = await service.serving();
  await becomesReady(url, service.dataDir);
  // A token may open sixty streams a minute.
  const token = await service.token();
  const other = await service.token();
  const opened = await Promise.all(
    Array.from({ length: streams }, (_, index) => openStream(url, index % 2 === 0 ? token : other)),
  );
  const slow = await slowRequest(url, token);

  const begun = performance.now();
  built.process.kill("SIGTERM");
  await built.says(/SIGTERM/);
  slow.finish();
  const [answer, codes, { code }] = await Promise.all([
    slow.answer,
    Promise.all(opened.map(({ closed }) => closed)),
    built.ended,
  ]);
  const tookMs = performance.now() - begun;
  const { values } = await service.expectTruth();

  expect(code).toBe(0);
  expect(tookMs).toBeLessThanOrEqual(10_000);
  expect(answer).toMatch(/^HTTP\/1\.1 [24]\d\d /);
  expect(new Set(codes)).toEqual(new Set(["1001 Pilothouse is shutting down"]));
  measured("D8", `ended ${seconds(tookMs)} after SIGTERM with ${streams} streams, ${values} values true`);
});

it("D8: a second signal ends at once", { timeout: 60_000 }, async () => {
  const service = await aService();
  const { built, url } = await service.serving();
  await becomesReady(url, service.dataDir);
  // Holds up the graceful end.
  const slow = await slowRequest(url, await service.token());
  built.process.kill("SIGTERM");
  await built.says(/SIGTERM/);

  const begun = performance.now();
  built.process.kill("SIGINT");
  const { code } = await built.ended;
  const tookMs = performance.now() - begun;
  slow.finish();
  const { values } = await service.expectTruth();

  expect(code).toBe(130);
  expect(tookMs).toBeLessThanOrEqual(1_000);
  measured("D8", `second signal: ${seconds(tookMs)}, ${values} values true`);
});

/** An open stream; `closed` resolves to how the other side closes it. */
async function openStream(url: string, token: string): Promise<{ readonly closed: Promise<string> }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/stream`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const closed = new Promise<string>((resolve) =>
    socket.once("close", (code, reason) => resolve(`${code} ${reason.toString()}`)),
  );
  await once(socket, "open");
  socket.send(JSON.stringify({ op: "subscribe", topic: "fleet" }));
  return { closed };
}

/** A request whose body is not there yet; the service has to wait for it. */
async function slowRequest(url: string, token: string): Promise<{ finish(): void; answer: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const body = JSON.stringify({ name: "nobody", password: "nothing" });
  socket.write(
    `POST /api/v1/session HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.slice(0, 5));
  let text = "";
  const answer = new Promise<string>((resolve) => {
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.once("error", () => resolve(text));
    socket.once("close", () => resolve(text));
  });
  return { finish: () => socket.write(body.slice(5)), answer };
}
