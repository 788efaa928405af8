// Names and clusters of what facts and series are about.
import type { FactFields } from "../../model/facts.ts";
import type { EntityId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";

export const clusterOf = (id: EntityId): string => id.slice(0, id.indexOf("/"));

export const nameOf = ({ fleet }: Pick<AnalysisContext, "fleet">, id: EntityId): string =>
  fleet.get(id)?.entity.name ?? id.slice(id.lastIndexOf("/") + 1);

export const textIn = (fields: FactFields, name: string): string | null => {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : null;
};
export const numberIn = (fields: FactFields, name: string): number | null => {
  const value = fields[name];
  return typeof value === "number" ? value : null;
};
export const wordsIn = (fields: FactFields, name: string): readonly string[] => {
  const value = fields[name];
  return Array.isArray(value) ? value.map(String) : [];
};
