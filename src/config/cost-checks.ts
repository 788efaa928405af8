// What no single key of a cost model can say: tariffs that overlap or leave a hole, budgets that say the same twice.
import { priceKeys } from "./cost-settings.ts";
import type { ConfigPath } from "./json-schema.ts";
import { type ConfigProblem, type Place, problemAt } from "./problem.ts";

type PlaceOf = (path: ConfigPath, what?: "key" | "value") => Place;
type Keys = Readonly<Record<string, unknown>>;

/** Works on the data as written; what is wrong with a single key is said elsewhere. */
export function costProblems(model: unknown, cluster: number, placeOf: PlaceOf): ConfigProblem[] {
  if (!isGroup(model)) return [];
  const at: ConfigPath = ["clusters", cluster, "cost_model"];
  const tariffs = groups(model["tariffs"]);
  return [
    ...twoKindsOfTariff(model, tariffs, at, placeOf),
    ...tariffTimes(tariffs, at, placeOf),
    ...tariffParts(model, at, placeOf),
    ...tariffs.flatMap(([tariff, index]) => tariffParts(tariff, [...at, "tariffs", index], placeOf)),
    ...["budgets", "units"].flatMap((key) => amountProblems(model[key], [...at, key], placeOf)),
    ...powerProblems(model["power"], [...at, "power"], placeOf),
  ];
}

const pricedKeys = [...priceKeys, "storage_classes", "node_fixed_month", "purchases", "shared_costs"] as const;

function twoKindsOfTariff(
  model: Keys,
  tariffs: readonly Numbered[],
  at: ConfigPath,
  placeOf: PlaceOf,
): ConfigProblem[] {
  const key = pricedKeys.find((name) => model[name] !== undefined);
  if (key === undefined || tariffs.length === 0) return [];
  const expected = "expected every price in a tariff";
  return [problemAt(placeOf([...at, key], "key"), `${key} and tariffs exclude each other`, { expected })];
}

function tariffTimes(tariffs: readonly Numbered[], at: ConfigPath, placeOf: PlaceOf): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const dated = tariffs.filter(([tariff]) => isDayText(tariff["from"]));
  const sorted = [...dated].sort(([a], [b]) => (String(a["from"]) < String(b["from"]) ? -1 : 1));
  for (const [position, [tariff, index]] of sorted.entries()) {
    const [from, until] = [String(tariff["from"]), tariff["until"]];
    const next = sorted[position + 1];
    const nextFrom = next === undefined ? undefined : String(next[0]["from"]);
    const where = (key: string): Place => placeOf([...at, "tariffs", index, key]);
    if (nextFrom === from && next !== undefined) {
      const what = `two tariffs begin on ${from}`;
      problems.push(
        problemAt(placeOf([...at, "tariffs", next[1], "from"]), what, { expected: "expected a day of its own" }),
      );
    }
    if (!isDayText(until)) continue;
    if (until <= from)
      problems.push(
        problemAt(where("until"), `the tariff of ${from} ends before it begins`, {
          expected: `expected a day after ${from}`,
        }),
      );
    else if (nextFrom !== undefined && until < nextFrom) {
      const what = `no tariff is in force from ${until} until ${nextFrom}`;
      problems.push(problemAt(where("until"), what, { expected: `expected ${nextFrom}, or no until` }));
    } else if (nextFrom !== undefined && until > nextFrom && nextFrom !== from) {
      const what = `two tariffs are in force from ${nextFrom} until ${until}`;
      problems.push(problemAt(where("until"), what, { expected: `expected ${nextFrom}, or no until` }));
    }
  }
  return problems;
}

function tariffParts(tariff: Keys, at: ConfigPath, placeOf: PlaceOf): ConfigProblem[] {
  const purchases = groups(tariff["purchases"]);
  const problems = purchases.flatMap(([purchase, index]) =>
    purchaseProblems(purchase, tariff, [...at, "purchases", index], placeOf),
  );
  const given = priceKeys.filter((key) => tariff[key] !== undefined);
  if (purchases.length > 0 && given.length > 0 && given.length < priceKeys.length) {
    const missing = priceKeys.filter((key) => !given.includes(key)).join(" and ");
    const what = `beside purchases, prices say their ratio, and ${missing} ${missing.includes(" and ") ? "are" : "is"} missing`;
    problems.push(
      problemAt(placeOf([...at, given[0] ?? ""], "key"), what, { expected: "expected all three prices or none" }),
    );
  }
  return [...problems, ...repeatedNames(groups(tariff["shared_costs"]), [...at, "shared_costs"], placeOf)];
}

function purchaseProblems(purchase: Keys, tariff: Keys, at: ConfigPath, placeOf: PlaceOf): ConfigProblem[] {
  const { price, residual, power_kw: power } = purchase;
  const problems: ConfigProblem[] = [];
  if (typeof price === "number" && typeof residual === "number" && residual > price) {
    problems.push(
      problemAt(placeOf([...at, "residual"]), "residual is more than the price", {
        expected: `expected at most ${price}`,
      }),
    );
  }
  if (typeof power === "number" && power > 0 && tariff["energy_per_kwh"] === undefined) {
    const expected = "expected energy_per_kwh beside the purchases";
    problems.push(problemAt(placeOf([...at, "power_kw"]), "power costs nothing without a price", { expected }));
  }
  return problems;
}

const scopes = ["tag", "pool", "owner", "environment"] as const;

/** Of budgets and units: one scope each, and no scope and name twice. */
function amountProblems(value: unknown, at: ConfigPath, placeOf: PlaceOf): ConfigProblem[] {
  const amounts = groups(value);
  const problems = repeatedNames(amounts, at, placeOf);
  const firstOf = new Map<string, number>();
  for (const [amount, index] of amounts) {
    const used = scopes.filter((scope) => amount[scope] !== undefined);
    if (used.length > 1) {
      const expected = `expected one of ${scopes.join(", ")}, or none for the cluster`;
      problems.push(
        problemAt(placeOf([...at, index, used[1] ?? ""], "key"), `${used.join(" and ")} exclude each other`, {
          expected,
        }),
      );
    }
    if (at.at(-1) !== "budgets") continue;
    const scope = used[0] === undefined ? "the cluster" : `${used[0]} ${String(amount[used[0]])}`;
    const first = firstOf.get(scope);
    if (first === undefined) firstOf.set(scope, index);
    else {
      const line = placeOf([...at, first]).line;
      const what = `there are two budgets of ${scope} (first in line ${line})`;
      problems.push(problemAt(placeOf([...at, index]), what, { expected: "expected one" }));
    }
  }
  return problems;
}

function repeatedNames(items: readonly Numbered[], at: ConfigPath, placeOf: PlaceOf): ConfigProblem[] {
  const seen = new Set<unknown>();
  return items.flatMap(([item, index]) => {
    const { name } = item;
    if (typeof name !== "string" || !seen.has(name)) {
      seen.add(name);
      return [];
    }
    const what = `the name ${JSON.stringify(name.slice(0, 40))} is used twice`;
    return [problemAt(placeOf([...at, index, "name"]), what, { expected: "expected a name of its own" })];
  });
}

function powerProblems(power: unknown, at: ConfigPath, placeOf: PlaceOf): ConfigProblem[] {
  if (!isGroup(power)) return [];
  const { idle_watts: idle, max_watts: max } = power;
  if (typeof idle !== "number" || typeof max !== "number" || max >= idle) return [];
  return [
    problemAt(placeOf([...at, "max_watts"]), "max_watts is less than idle_watts", {
      expected: `expected at least ${idle}`,
    }),
  ];
}

type Numbered = readonly [item: Keys, index: number];

const groups = (value: unknown): readonly Numbered[] =>
  Array.isArray(value) ? value.flatMap((item, index) => (isGroup(item) ? [[item, index] as const] : [])) : [];

const isGroup = (value: unknown): value is Keys => typeof value === "object" && value !== null && !Array.isArray(value);
const isDayText = (value: unknown): value is string => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
