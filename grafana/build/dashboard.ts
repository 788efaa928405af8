// A dashboard of ours: variables at the top, links to the others, rows of panels laid side by side.
/* eslint-disable @typescript-eslint/no-deprecated -- the newer form (v2) is not read from files by Grafana 10 and 11 */
import * as builders from "@grafana/grafana-foundation-sdk/dashboard";
import { dataSource } from "./influx-query.ts";
import { panelOf } from "./panel.ts";
import type { PanelSpec } from "./panel-spec.ts";
import { type VariableName, variableOf } from "./variables.ts";

export interface DashboardSpec {
  /** The file is called after it, and Grafana's uid is `pilothouse-` and this. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableName[];
  /** How far back it looks at first, such as now-7d. */
  readonly from: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
}

export const gridColumns = 24;
export const uidOf = (name: string): string => `pilothouse-${name}`;

export function dashboardOf(spec: DashboardSpec): builders.Dashboard {
  const builder = new builders.DashboardBuilder(spec.title)
    .uid(uidOf(spec.name))
    .description(spec.description)
    .tags(["pilothouse", "proxmox"])
    .timezone("browser")
    .time({ from: spec.from, to: "now" })
    .refresh("1m")
    .readonly()
    .tooltip(builders.DashboardCursorSync.Crosshair)
    .link(linkToOthers())
    .variables([dataSourceVariable(), ...spec.variables.map(variableOf)]);
  addRows(builder, spec);
  return { ...builder.build(), version: 1 };
}

const linkToOthers = (): builders.DashboardLinkBuilder =>
  new builders.DashboardLinkBuilder("Pilothouse")
    .type(builders.DashboardLinkType.Dashboards)
    .tags(["pilothouse"])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);

const dataSourceVariable = (): builders.DatasourceVariableBuilder =>
  new builders.DatasourceVariableBuilder("datasource")
    .label("Data source")
    .description("Pilothouse itself, or the InfluxDB that it writes to.")
    .type(dataSource.type);

function addRows(builder: builders.DashboardBuilder, { rows }: DashboardSpec): void {
  let id = 0;
  let y = 0;
  for (const { title, panels } of rows) {
    builder.withRow(new builders.RowBuilder(title).id(++id).gridPos({ x: 0, y, w: gridColumns, h: 1 }));
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of panels) {
      if (x + panel.width > gridColumns) [x, y, height] = [0, y + height, 0];
      builder.withPanel(panelOf(panel, { id: ++id, x, y }));
      x += panel.width;
      height = Math.max(height, panel.height);
    }
    y += height;
  }
}
