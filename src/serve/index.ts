// The registry of routes. One more resource is one file in routes/ and one line here.
import type { Routes } from "./context.ts";
import { about } from "./routes/about.ts";
import { anomalies } from "./routes/anomalies.ts";
import { benchmarks } from "./routes/benchmarks.ts";
import { capacity } from "./routes/capacity.ts";
import { clusters } from "./routes/clusters.ts";
import { compare } from "./routes/compare.ts";
import { costs } from "./routes/costs.ts";
import { entity } from "./routes/entity.ts";
import { events } from "./routes/events.ts";
import { factChanges } from "./routes/fact-changes.ts";
import { facts } from "./routes/facts.ts";
import { findings } from "./routes/findings.ts";
import { forecastSeries } from "./routes/forecast-series.ts";
import { forecasts } from "./routes/forecasts.ts";
import { growth } from "./routes/growth.ts";
import { guests } from "./routes/guests.ts";
import { health } from "./routes/health.ts";
import { influxQuery } from "./routes/influx-query.ts";
import { jobs } from "./routes/jobs.ts";
import { kpis } from "./routes/kpis.ts";
import { latest } from "./routes/latest.ts";
import { metricsCatalogue } from "./routes/metrics-catalogue.ts";
import { nodes } from "./routes/nodes.ts";
import { openapiDocument } from "./routes/openapi-document.ts";
import { ownMetricsRoute } from "./routes/own-metrics.ts";
import { password } from "./routes/password.ts";
import { problems } from "./routes/problems.ts";
import { push } from "./routes/push.ts";
import { pveMetricsRoute } from "./routes/pve-metrics.ts";
import { quantiles } from "./routes/quantiles.ts";
import { risks } from "./routes/risks.ts";
import { scenarios } from "./routes/scenarios.ts";
import { series } from "./routes/series.ts";
import { session } from "./routes/session.ts";
import { sinks } from "./routes/sinks.ts";
import { storages } from "./routes/storages.ts";
import { stream } from "./routes/stream.ts";
import { tasks } from "./routes/tasks.ts";
import { tokens } from "./routes/tokens.ts";
import { totals } from "./routes/totals.ts";
import { trends } from "./routes/trends.ts";
import { users } from "./routes/users.ts";
import { utilization } from "./routes/utilization.ts";

export const routes: readonly Routes[] = [
  clusters,
  nodes,
  guests,
  storages,
  entity,
  tasks,
  facts,
  factChanges,
  events,
  problems,
  findings,
  costs,
  risks,
  forecasts,
  forecastSeries,
  growth,
  kpis,
  utilization,
  capacity,
  scenarios,
  anomalies,
  benchmarks,
  jobs,
  sinks,
  metricsCatalogue,
  series,
  latest,
  quantiles,
  trends,
  compare,
  totals,
  session,
  password,
  about,
  users,
  tokens,
  health,
  ownMetricsRoute,
  pveMetricsRoute,
  influxQuery,
  push,
  stream,
  openapiDocument,
];
