// Checks parameters as PVE's JSON schema does, with its words, and converts them.
import { parameterError } from "./api-error.ts";
import type { Release } from "./entities.ts";
import { knows } from "./releases.ts";

export interface ParameterSpec {
  readonly type: "string" | "integer" | "boolean" | "number";
  readonly optional?: true;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** The first release that knows it. */
  readonly since?: Release;
  /** The values of a release that has others. */
  readonly enumIn?: Readonly<Partial<Record<Release, readonly string[]>>>;
  /** Refused for everybody but root@pam with a password, so for every token. */
  readonly rootOnly?: true;
}

export type ParameterValue = string | number | boolean;
export type ParameterValues = Readonly<Record<string, ParameterValue | undefined>>;

export function checkParameters(
  specs: Readonly<Record<string, ParameterSpec>>,
  given: ReadonlyMap<string, string>,
  release: Release,
  isRoot = false,
): ParameterValues {
  const errors: Record<string, string> = {};
  const values: Record<string, ParameterValue> = {};
  const known = new Map(Object.entries(specs).filter(([, spec]) => knows(spec.since, release)));
  for (const name of given.keys()) {
    if (!known.has(name))
      errors[name] = "property is not defined in schema and the schema does not allow additional properties";
  }
  for (const [name, spec] of known) {
    const text = given.get(name);
    if (text === undefined) {
      if (spec.optional !== true) errors[name] = "property is missing and it is not optional";
      continue;
    }
    const problem = spec.rootOnly === true && !isRoot ? "Only root may use this option." : faultOf(spec, text, release);
    if (problem !== undefined) errors[name] = problem;
    else values[name] = convert(spec, text);
  }
  if (Object.keys(errors).length > 0) throw parameterError(errors);
  return values;
}

const booleans = new Map([
  ["1", true],
  ["on", true],
  ["yes", true],
  ["true", true],
  ["0", false],
  ["off", false],
  ["no", false],
  ["false", false],
]);

function faultOf(spec: ParameterSpec, text: string, release: Release): string | undefined {
  switch (spec.type) {
    case "boolean":
      return booleans.has(text.toLowerCase()) ? undefined : `type check ('boolean') failed - got '${text}'`;
    case "integer":
      return /^[+-]?\d+$/.test(text) ? outOfRange(spec, Number(text)) : `type check ('integer') failed - got '${text}'`;
    case "number":
      return /^[+-]?\d+(\.\d+)?$/.test(text)
        ? outOfRange(spec, Number(text))
        : `type check ('number') failed - got '${text}'`;
    case "string": {
      const allowed = spec.enumIn?.[release] ?? spec.enum;
      if (allowed === undefined || allowed.includes(text)) return undefined;
      return `value '${text}' does not have a value in the enumeration '${allowed.join(", ")}'`;
    }
  }
}

function outOfRange(spec: ParameterSpec, value: number): string | undefined {
  if (spec.minimum !== undefined && value < spec.minimum) return `value must have a minimum value of ${spec.minimum}`;
  if (spec.maximum !== undefined && value > spec.maximum) return `value must have a maximum value of ${spec.maximum}`;
  return undefined;
}

function convert(spec: ParameterSpec, text: string): ParameterValue {
  if (spec.type === "boolean") return booleans.get(text.toLowerCase()) ?? false;
  return spec.type === "string" ? text : Number(text);
}

/** The specs that many calls share. */
export const nodeParameter = { node: { type: "string" } } as const;
export const guestParameters = {
  node: { type: "string" },
  vmid: { type: "integer", minimum: 100, maximum: 999_999_999 },
} as const;

export const textOf = (values: ParameterValues, name: string): string | undefined => {
  const value = values[name];
  return value === undefined ? undefined : String(value);
};
export const numberOf = (values: ParameterValues, name: string): number | undefined => {
  const value = values[name];
  return typeof value === "number" ? value : undefined;
};
export const flagOf = (values: ParameterValues, name: string): boolean => values[name] === true;
