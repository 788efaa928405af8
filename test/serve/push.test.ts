// The door for pushes: limits, and what each outcome is answered. Behind it stands a collector that the test plays.
import { describe, expect, it } from "vitest";
import type { PushAnswer, PushPort, PushRequest } from "../../src/model/push.ts";
import type { ServeLimits } from "../../src/serve/settings.ts";
import { aServer, problemIn } from "./serve-fixture.ts";

const token = "0123456789abcdef0123456789abcdef";
const headers = { authorization: `Token ${token}` };
const taken: PushAnswer = { outcome: "taken", sentence: null, refused: 0 };

async function aDoor(take: PushPort["take"], limits: Partial<ServeLimits> = {}) {
  const push: PushPort = { clusterOf: (shown) => (shown === token ? "prod" : undefined), take };
  const { app } = await aServer({ deps: { push }, settings: { limits } });
  // An injected request begins when somebody waits for it: here at once.
  return async (payload = "", more: Record<string, string> = headers) =>
    app.inject({ method: "POST", url: "/api/v2/write", headers: more, payload });
}

describe("the door for pushes", () => {
  it("hands on the bytes, with the cluster that the token names", async () => {
    const requests: PushRequest[] = [];
    const post = await aDoor(async (request) => {
      requests.push(request);
      return Promise.resolve(taken);
    });

    expect((await post("m f=1 1")).statusCode).toBe(204);
    expect(requests).toMatchObject([{ cluster: "prod", format: "influx", precision: "ns", gzipped: false }]);
    expect(new TextDecoder().decode(requests[0]?.body)).toBe("m f=1 1");
  });

  it.each([
    ["partly", 400],
    ["malformed", 400],
    ["too-large", 413],
    ["not-ready", 503],
  ] as const)("answers %s with %i and the sentence", async (outcome, status) => {
    const post = await aDoor(() => Promise.resolve({ outcome, sentence: "Line 3 is odd.", refused: 1 }));

    const answer = await post();

    expect(answer.statusCode).toBe(status);
    expect(problemIn(answer).detail).toBe("Line 3 is odd.");
    expect(answer.headers["retry-after"]).toBe(outcome === "not-ready" ? "10" : undefined);
  });

  it("takes so many at a time, and the next when one has ended", async () => {
    const underWay: ((answer: PushAnswer) => void)[] = [];
    const post = await aDoor(() => new Promise((resolve) => underWay.push(resolve)), { concurrentPushes: 1 });

    const first = post();
    await expect.poll(() => underWay.length, { timeout: 10_000 }).toBe(1);
    expect((await post()).statusCode).toBe(429);
    underWay[0]?.(taken);
    expect((await first).statusCode).toBe(204);

    const next = post();
    await expect.poll(() => underWay.length, { timeout: 10_000 }).toBe(2);
    underWay[1]?.(taken);
    expect((await next).statusCode).toBe(204);
  });

  it("takes so many in a minute, and leaves others their own limit", async () => {
    const post = await aDoor(() => Promise.resolve(taken), { pushesPerMinute: 3, requestsPerMinute: 2 });
    const wrong = { authorization: "Token wrong-wrong-wrong-wrong" };

    const statuses = async (count: number, shown: Record<string, string>): Promise<number[]> => {
      const list: number[] = [];
      for (let index = 0; index < count; index++) list.push((await post("", shown)).statusCode);
      return list;
    };

    expect(await statuses(4, headers)).toEqual([204, 204, 204, 429]);
    expect(await statuses(3, wrong)).toEqual([401, 401, 429]);
  });
});
