// What is told of sinks: to administrators in full, to monitoring as numbers, to load balancers by name and state only.
import { describe, expect, it } from "vitest";
import { aServer } from "./serve-fixture.ts";

describe("sinks", () => {
  it("are listed for administrators with what is in the way", async () => {
    const { app, token } = await aServer();

    const answer = await app.inject({ url: "/api/v1/sinks?state=held", headers: await token("admin") });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      items: [
        {
          name: "influx-main",
          kind: "influx",
          state: "held",
          reason: "401 unauthorized access: check its token",
          since_at: "2026-01-05T11:00:00.000Z",
          last_delivered_at: null,
          batches_pending: 12,
          batches_unverified: 0,
          batches_dropped: 0,
          batches_resent: 0,
          rows_rejected: 0,
          rows_written: 2,
          backfill: { done: 3, total: 24 },
        },
      ],
      next: null,
    });
  });

  it("are nobody else's business", async () => {
    const { app, token } = await aServer();

    for (const role of ["viewer", "operator", "approver"] as const) {
      expect((await app.inject({ url: "/api/v1/sinks", headers: await token(role) })).statusCode).toBe(403);
    }
    expect((await app.inject({ url: "/api/v1/sinks" })).statusCode).toBe(401);
  });

  it("come as a table, sorted and found like every list", async () => {
    const { app, token } = await aServer();
    const headers = await token("admin");

    const csv = await app.inject({ url: "/api/v1/sinks?sort=-name", headers: { ...headers, accept: "text/csv" } });
    const found = await app.inject({ url: "/api/v1/sinks?q=token", headers });

    expect(
      csv.body
        .split("\r\n")
        .slice(1, 3)
        .map((line) => line.split(",")[0]),
    ).toEqual(["influx-main", "duckdb"]);
    expect(found.json()).toMatchObject({ items: [{ name: "influx-main" }] });
  });

  it("have their numbers in /metrics", async () => {
    const { app, token } = await aServer();

    const { body } = await app.inject({ url: "/metrics", headers: await token("viewer") });

    expect(body).toContain('pilothouse_sink_batches_pending{sink="influx-main"} 12');
    expect(body).toContain('pilothouse_sink_state{sink="influx-main",state="held"} 1');
    expect(body).toContain('pilothouse_sink_state{sink="duckdb",state="held"} 0');
  });

  it("are named by /readyz with their state and nothing more; one that is down is no reason not to be ready", async () => {
    const { app } = await aServer({ deps: { sinkStates: () => [{ name: "influx-main", state: "held" }] } });

    const answer = await app.inject({ url: "/readyz" });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: "ready", sinks: [{ name: "influx-main", state: "held" }] });
  });
});
