// The linter of dashboards: what Grafana needs to show a panel, and what a reader needs to understand it. And the files
// that provision Grafana.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { gridColumns } from "../../grafana/build/dashboard.ts";
import { grafanaFiles } from "../../grafana/build/files.ts";
import { parseQuery } from "../../src/serve/influxql/parse.ts";
import { type Dashboard, dashboardsOnDisk, filledQuery, type Panel, panelsOf } from "./grafana-variables.ts";

const dashboards = dashboardsOnDisk();
const filling = { values: { cluster: ".*", node: "pve1", guest: "100" }, nowMs: Date.UTC(2026, 0, 5) };

const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe("the files on disk", () => {
  it.each(Object.entries(grafanaFiles()))("%s is what its source says (npm run dashboards)", (path, text) => {
    expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(text);
  });

  it("are all written from a source", () => {
    expect(
      readdirSync("dashboards")
        .map((name) => `dashboards/${name}`)
        .sort(),
    ).toEqual(
      Object.keys(grafanaFiles())
        .filter((path) => path.startsWith("dashboards/"))
        .sort(),
    );
  });
});

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  "%s",
  (_title, dashboard: Dashboard) => {
    it("has a uid that Grafana takes, a description, a schema version and unique ids", () => {
      const ids = dashboard.panels.map(({ id }) => id);

      expect(dashboard.uid).toMatch(/^[a-z-]{8,40}$/);
      expect(dashboard.description.length).toBeGreaterThan(40);
      expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
      expect(ids.every((id) => id > 0)).toBe(true);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it("lies within the grid, and no panel on another", () => {
      const { panels } = dashboard;
      for (const panel of panels) {
        const { x, y, w, h } = panel.gridPos;
        expect(
          [x, y, w, h].every((value) => Number.isInteger(value) && value >= 0),
          panel.title,
        ).toBe(true);
        expect(x + w, panel.title).toBeLessThanOrEqual(gridColumns);
        expect(
          panels.filter((other) => other !== panel && overlap(panel, other)).map(({ title }) => title),
          panel.title,
        ).toEqual([]);
      }
    });

    it("offers the variables that its queries use, and uses those that it offers", () => {
      const queries = [...panelsOf(dashboard).flatMap(({ targets = [] }) => targets), ...dashboard.templating.list].map(
        ({ query }) => query,
      );
      const used = new Set(
        queries.flatMap((query) => [...query.matchAll(/\$(cluster|node|guest)\b/g)].map(([, name]) => name)),
      );
      const offered = dashboard.templating.list.filter(({ type }) => type === "query").map(({ name }) => name);

      expect([...used].sort()).toEqual(offered.sort());
      expect(dashboard.templating.list[0]).toMatchObject({ name: "datasource", type: "datasource", query: "influxdb" });
    });

    it.each(panelsOf(dashboard).map((panel) => [panel.title, panel] as const))(
      "%s says all that is needed",
      (_panel, panel) => {
        expect(panel.description?.length, "a description with the formula").toBeGreaterThan(25);
        expect(panel.fieldConfig?.defaults.unit, "a unit").toBeTruthy();
        expect(panel.fieldConfig?.defaults.thresholds?.steps.length, "thresholds").toBeGreaterThan(0);
        expect(panel.datasource).toEqual({ type: "influxdb", uid: "$datasource" });
        const targets = panel.targets ?? [];
        expect(targets.length, "a query").toBeGreaterThan(0);
        expect(new Set(targets.map(({ refId }) => refId)).size, "unique refIds").toBe(targets.length);
        for (const { datasource, refId, rawQuery, query } of targets) {
          expect({ datasource, rawQuery }).toEqual({ datasource: panel.datasource, rawQuery: true });
          expect(refId).toMatch(/^[A-Z]$/);
          expect(query, "bounded by the dashboard's time").toContain("$timeFilter");
          expect(parseQuery(filledQuery(query, panel, dashboard, filling), filling.nowMs)).toHaveLength(1);
        }
      },
    );

    it.each(
      panelsOf(dashboard)
        .filter(({ type }) => type === "table")
        .map((panel) => [panel.title, panel] as const),
    )("%s names every column of its query, and no other", (_panel, panel) => {
      const [target] = panel.targets ?? [];
      const [statement] = parseQuery(filledQuery(target?.query ?? "", panel, dashboard, filling), filling.nowMs);
      if (statement?.type !== "select") throw new Error("no SELECT");
      const columns = [...statement.groupByTags, ...statement.columns.map(({ name }) => name)];
      const titled = panel.fieldConfig?.overrides.map(({ matcher }) => matcher.options) ?? [];

      expect([...titled].sort()).toEqual([...columns].sort());
    });
  },
);

describe("provisioning", () => {
  const yaml = (path: string): unknown => parse(readFileSync(`grafana/provisioning/${path}`, "utf8"));
  const uids = new Set(dashboards.map(({ uid }) => uid));

  it("has a data source for Pilothouse and one for InfluxDB, of the kind that the dashboards choose from", () => {
    const { datasources } = yaml("datasources/pilothouse.yaml") as {
      datasources: {
        uid: string;
        type: string;
        jsonData: Record<string, unknown>;
        secureJsonData: Record<string, string>;
      }[];
    };

    expect(datasources.map(({ uid, type }) => [uid, type])).toEqual([
      ["pilothouse", "influxdb"],
      ["pilothouse-influxdb", "influxdb"],
    ]);
    for (const { jsonData, secureJsonData } of datasources) {
      expect(jsonData).toMatchObject({ httpMode: "POST", httpHeaderName1: "Authorization" });
      expect(secureJsonData["httpHeaderValue1"], "no secret in the file").toMatch(/^Token \$[A-Z_]+$/);
    }
  });

  it("has alert rules that read an existing data source, end in their condition, and go to an existing contact point", () => {
    type Rule = { uid: string; condition: string; data: { refId: string; datasourceUid: string }[] };
    const { groups } = yaml("alerting/rules.yaml") as { groups: { rules: Rule[] }[] };
    const { contactPoints, policies } = yaml("alerting/contact-points.yaml") as {
      contactPoints: { name: string }[];
      policies: { receiver: string }[];
    };
    const rules = groups.flatMap((group) => group.rules);

    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    for (const { condition, data } of rules) {
      expect(data.map(({ refId }) => refId)).toContain(condition);
      expect(data.every(({ datasourceUid }) => ["pilothouse", "__expr__"].includes(datasourceUid))).toBe(true);
    }
    for (const { receiver } of policies) expect(contactPoints.map(({ name }) => name)).toContain(receiver);
    expect((yaml("dashboards/pilothouse.yaml") as { providers: unknown[] }).providers).toHaveLength(1);
  });

  it("links of dashboards lead to dashboards", () => {
    const linked = dashboards.flatMap((dashboard) =>
      [...JSON.stringify(dashboard).matchAll(/\/d\/([a-z-]+)\//g)].map(([, uid]) => uid),
    );

    expect(linked.length).toBeGreaterThan(0);
    expect(linked.filter((uid) => !uids.has(uid ?? ""))).toEqual([]);
  });
});
