// What the API says of capacity.
import type { CapacityDocument } from "../../model/capacity.ts";
import type { Scenario, ScenarioChange } from "../../model/scenario.ts";
import type { SnakeCase } from "../../model/snake-case.ts";
import type { WhatIfAnswer } from "../../model/what-if.ts";

export type CapacityItem = SnakeCase<CapacityDocument> & { readonly name: string; readonly at: string | null };
export type ScopeItem = CapacityItem["cluster"];
export type LineItem = ScopeItem["lines"][number];
export type FailureItem = CapacityItem["failures"][number];
export type WhatIfItem = SnakeCase<WhatIfAnswer>;
export type ScenarioItem = Scenario;
export type Change = ScenarioChange;
