// The dashboards as the files that Grafana reads.
import { dashboards } from "../dashboards/index.ts";
import { dashboardOf } from "./dashboard.ts";

/** By file name; ends with a newline. */
export const dashboardFiles = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    dashboards.map((spec) => [`${spec.name}.json`, `${JSON.stringify(dashboardOf(spec), null, 2)}\n`]),
  );
