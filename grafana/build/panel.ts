// A panel of ours as one of Grafana's.
import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Gauge } from "@grafana/grafana-foundation-sdk/gauge";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import { dataSource, influxQuery } from "./influx-query.ts";
import type { GraphPanel, NumberPanel, PanelSpec, TableColumn, TablePanel, Threshold } from "./panel-spec.ts";

export interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** A line has so many points at most: more are not seen, and cost the store. */
const mostPoints = 300;
/** The finest interval of a graph: polls of large clusters come once a minute. */
const finestInterval = "1m";

/** Three of the slowest polls: what is missing for longer is a gap and looks like one. */
const pollGapMs = 180_000;
/** Of what is read once an hour. */
const hourlyGapMs = 7_500_000;

export function panelOf(spec: PanelSpec, place: Place): Builder<dashboard.Panel> {
  switch (spec.type) {
    case "graph":
      return graph(spec, place);
    case "table":
      return table(spec, place);
    case "number":
      return numberPanel(withRatio(shared(new Stat(), spec, place), spec));
    case "gauge":
      return withRatio(shared(new Gauge(), spec, place), spec).reduceOptions(newestValue());
    case "bars":
      return withRatio(shared(new BarGauge(), spec, place), spec)
        .reduceOptions(newestValue())
        .orientation(common.VizOrientation.Horizontal)
        .displayMode(common.BarGaugeDisplayMode.Gradient);
  }
}

type AnyBuilder = Stat | Gauge | BarGauge | Table | TimeSeries;

/** What every panel has. */
function shared<B extends AnyBuilder>(builder: B, spec: PanelSpec, { id, x, y }: Place): B {
  builder
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .datasource(dataSource)
    .gridPos({ x, y, w: spec.width, h: spec.height })
    .unit(spec.unit)
    .thresholds(thresholdsOf(spec.thresholds))
    .targets(spec.queries.map(influxQuery));
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.newest !== undefined) builder.timeFrom(spec.newest);
  return builder;
}

const thresholdsOf = (steps: readonly Threshold[]): dashboard.ThresholdsConfigBuilder =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));

const newestValue = (): common.ReduceDataOptionsBuilder =>
  new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false);

const numberPanel = (builder: Stat): Stat =>
  builder
    .reduceOptions(newestValue())
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area);

function withRatio<B extends Stat | Gauge | BarGauge>(builder: B, { ratio }: NumberPanel): B {
  if (ratio === undefined) return builder;
  const binary = { left: ratio.of, operator: "/", right: ratio.to };
  builder.withTransformation({ id: "concatenate", options: { frameNameMode: "drop" } }).withTransformation({
    id: "calculateField",
    options: { mode: "binary", binary, alias: ratio.name, replaceFields: true },
  });
  return builder;
}

function graph(spec: GraphPanel, place: Place): TimeSeries {
  const isShaded = spec.thresholds.length > 1;
  const builder = shared(new TimeSeries(), spec, place)
    .maxDataPoints(mostPoints)
    .interval(finestInterval)
    .lineWidth(1)
    .fillOpacity(spec.stacked === true ? 40 : 10)
    .showPoints(common.VisibilityMode.Auto)
    .spanNulls(spec.sparse === true ? hourlyGapMs : pollGapMs)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(["mean", "max", "lastNotNull"]),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (spec.sparse !== undefined && spec.sparse !== true)
    for (const name of spec.sparse) builder.overrideByName(name, [{ id: "custom.spanNulls", value: hourlyGapMs }]);
  if (isShaded)
    builder.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  return spec.stacked === true
    ? builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group("A"))
    : builder;
}

function table(spec: TablePanel, place: Place): Table {
  const builder = shared(new Table(), spec, place).showHeader(true);
  builder.withTransformation({ id: "organize", options: { excludeByName: { Time: true } } });
  if (spec.top !== undefined) {
    builder.withTransformation({ id: "sortBy", options: { sort: [{ field: spec.top.by, desc: true }] } });
    builder.withTransformation({ id: "limit", options: { limitField: spec.top.rows } });
  }
  for (const column of spec.columns) builder.overrideByName(column.name, propertiesOf(column));
  return builder;
}

function propertiesOf({ title, unit, thresholds, link }: TableColumn): dashboard.DynamicConfigValue[] {
  return [
    { id: "displayName", value: title },
    ...(unit === undefined ? [{ id: "unit", value: "none" }] : [{ id: "unit", value: unit }]),
    ...(thresholds === undefined
      ? []
      : [
          { id: "thresholds", value: thresholdsOf(thresholds).build() },
          { id: "custom.cellOptions", value: { type: "color-text" } },
        ]),
    ...(link === undefined ? [] : [{ id: "links", value: [{ ...link, targetBlank: false }] }]),
  ];
}
