// What no single field can say: names used twice, keys that exclude each other.
import { costProblems } from "./cost-checks.ts";
import type { ConfigPath } from "./json-schema.ts";
import { type ConfigProblem, type Place, problemAt } from "./problem.ts";

type PlaceOf = (path: ConfigPath, what?: "key" | "value") => Place;

/** Works on the data as written, so that these problems are reported together with those of the fields. */
export function crossChecks(data: unknown, placeOf: PlaceOf): readonly ConfigProblem[] {
  const clusters = listOf(field(data, "clusters"));
  return [
    ...repeated(clusters, ["clusters", "cluster"], placeOf),
    ...clusters.flatMap((cluster, index) => trustProblems(cluster, index, placeOf)),
    ...clusters.flatMap((cluster, index) => accessProblems(cluster, index, placeOf)),
    ...repeatedEndpoints(clusters, placeOf),
    ...sinkProblems(data, placeOf),
    ...repeatedPushTokens(clusters, placeOf),
    ...clusters.flatMap((cluster, index) => costProblems(field(cluster, "cost_model"), index, placeOf)),
  ];
}

function repeated(
  items: readonly unknown[],
  [list, word]: readonly [list: string, word: string],
  placeOf: PlaceOf,
): ConfigProblem[] {
  const firstAt = new Map<unknown, number>();
  return items.flatMap((item, index) => {
    const value = field(item, "id");
    const first = firstAt.get(value);
    if (typeof value !== "string") return [];
    if (first === undefined) {
      firstAt.set(value, index);
      return [];
    }
    const line = placeOf([list, first, "id"]).line;
    const what = `the ${word} id ${JSON.stringify(value.slice(0, 40))} is used twice (first in line ${line})`;
    return [problemAt(placeOf([list, index, "id"]), what, { expected: "expected an id of its own" })];
  });
}

function trustProblems(cluster: unknown, index: number, placeOf: PlaceOf): ConfigProblem[] {
  const trust = field(cluster, "trust");
  if (typeof trust !== "object" || trust === null) return [];
  const used = ["fingerprint", "ca_file", "system"].filter((key) => Object.hasOwn(trust, key));
  if (used.length < 2) return [];
  const path = ["clusters", index, "trust", used[1] ?? ""];
  const expected = "expected one of fingerprint, ca_file, system";
  return [problemAt(placeOf(path, "key"), `${used.join(" and ")} exclude each other`, { expected })];
}

function accessProblems(cluster: unknown, index: number, placeOf: PlaceOf): ConfigProblem[] {
  if (typeof cluster !== "object" || cluster === null || Array.isArray(cluster)) return [];
  const path = ["clusters", index];
  const used = ["token", "login"].filter((key) => Object.hasOwn(cluster, key));
  if (used.length === 1) return [];
  if (used.length === 2) {
    const expected = "expected one of token, login";
    return [problemAt(placeOf([...path, "login"], "key"), "token and login exclude each other", { expected })];
  }
  const expected = "expected a group of keys: id and secret of an API token";
  return [problemAt(placeOf(path), `clusters[${index}].token is missing`, { expected })];
}

/** One address in two clusters would count every guest twice. */
function repeatedEndpoints(clusters: readonly unknown[], placeOf: PlaceOf): ConfigProblem[] {
  const owner = new Map<string, number>();
  const problems: ConfigProblem[] = [];
  for (const [index, cluster] of clusters.entries()) {
    for (const [position, endpoint] of listOf(field(cluster, "endpoints")).entries()) {
      if (typeof endpoint !== "string") continue;
      const key = endpoint.toLowerCase().replace(/\/+$/, "");
      const other = owner.get(key) ?? index;
      owner.set(key, other);
      if (other === index) continue;
      const what = `this endpoint belongs to clusters[${other}] already; its guests would count twice`;
      problems.push(problemAt(placeOf(["clusters", index, "endpoints", position]), what));
    }
  }
  return problems;
}

/** Of sinks: ids used twice, two ways to sign in, and a reader without anything to read. */
function sinkProblems(data: unknown, placeOf: PlaceOf): ConfigProblem[] {
  const sinks = listOf(field(data, "sinks"));
  const twoWays = sinks.flatMap((sink, index) => {
    if (field(sink, "token") === undefined || field(sink, "login") === undefined) return [];
    const expected = "expected one of token, login";
    return [problemAt(placeOf(["sinks", index, "login"], "key"), "token and login exclude each other", { expected })];
  });
  return [...repeated(sinks, ["sinks", "sink"], placeOf), ...twoWays, ...readerProblems(data, sinks, placeOf)];
}

function readerProblems(data: unknown, sinks: readonly unknown[], placeOf: PlaceOf): ConfigProblem[] {
  if (field(field(data, "store"), "reader") !== "influx") return [];
  const canBeRead = (sink: unknown): boolean =>
    field(sink, "edition") !== "victoria-metrics" && field(sink, "shape") !== "pve";
  if (sinks.some(canBeRead)) return [];
  const expected = "expected a sink that is an InfluxDB and gets our own measurements";
  return [problemAt(placeOf(["store", "reader"]), "there is no sink that could be read", { expected })];
}

/** The token alone says whose a push is. */
function repeatedPushTokens(clusters: readonly unknown[], placeOf: PlaceOf): ConfigProblem[] {
  const owner = new Map<string, number>();
  return clusters.flatMap((cluster, index) => {
    const token = field(field(cluster, "push"), "token");
    if (typeof token !== "string") return [];
    const first = owner.get(token);
    if (first === undefined) {
      owner.set(token, index);
      return [];
    }
    const what = `this is the push token of clusters[${first}] already`;
    const expected = "expected a token of its own";
    return [problemAt(placeOf(["clusters", index, "push", "token"]), what, { expected })];
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
