// The dashboards and alert rules as the files that Grafana reads.
import { dashboards } from "../dashboards/index.ts";
import { alertRulesFile } from "./alert-rules.ts";
import { dashboardOf } from "./dashboard.ts";

/** By path in the project; each ends with a newline. */
export const grafanaFiles = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    dashboards.map((spec) => [`dashboards/${spec.name}.json`, `${JSON.stringify(dashboardOf(spec), null, 2)}\n`]),
  ),
  "grafana/provisioning/alerting/rules.yaml": alertRulesFile(),
});
