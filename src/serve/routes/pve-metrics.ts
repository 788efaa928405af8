// GET /metrics/pve, for Prometheus: the clusters by the names of prometheus-pve-exporter.
import { z } from "zod";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { pveMetrics } from "../prometheus/pve-metrics.ts";
import { prometheusContentType } from "../prometheus/text-format.ts";
import { scopedFleet } from "../scoped-fleet.ts";

export const pveMetricsRoute: Routes = (app, { fleet, clock }) => {
  app.get(
    "/metrics/pve",
    {
      config: { permission: "fleet:read" },
      schema: {
        summary: "The clusters as Prometheus text, by the names of prometheus-pve-exporter",
        description:
          "Dashboards and alerts made for that exporter go on working. With several clusters, scrape each by `?cluster=` as a target of its own: the exporter's ids (`node/pve1`) are unique only within one. A value older than five minutes is left out.",
        tags: ["Fleet"],
        querystring: z.object({ cluster: z.string().max(31).optional() }),
        response: {
          200: { description: "Prometheus text format", content: { "text/plain": { schema: z.string() } } },
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const seen = scopedFleet(fleet, principalOf(request).scope);
      await reply.type(prometheusContentType).send(pveMetrics(seen, clock.now(), request.query.cluster));
    },
  );
};
