// Slow facts as the API shows them: one flat object per fact, its fields as the catalogue names them, times as ISO 8601.
import { z } from "zod";
import type { FactFields, FactValue, HeldFact } from "../../model/facts.ts";
import { type FactFieldType, type FactKind, factEntry } from "../../model/facts-catalogue.ts";
import { isoTime } from "./time.ts";

export type FactItem = Readonly<Record<string, FactValue>> & {
  readonly subject: string;
  readonly cluster: string;
  readonly key: string;
};

const fieldSchemas: Readonly<Record<FactFieldType, z.ZodType>> = {
  text: z.string().nullable(),
  words: z.array(z.string()).nullable(),
  flag: z.boolean().nullable(),
  count: z.number().nullable(),
  ratio: z.number().nullable(),
  percent: z.number().nullable(),
  celsius: z.number().nullable(),
  bytes: z.number().nullable(),
  seconds: z.number().nullable(),
  time: z.string().nullable(),
};

/** The schema of one kind's items; what PVE does not tell is null. */
export function factItemSchema(kind: FactKind): z.ZodObject {
  const { fields } = factEntry(kind);
  const own = Object.entries(fields).map(([name, { type, title }]) => [name, fieldSchemas[type].describe(title)]);
  const pascal = kind.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return z
    .object({
      subject: z.string().describe("The entity that it is about"),
      subject_name: z.string().nullable(),
      cluster: z.string(),
      key: z.string().describe("What tells it from the others of its subject"),
      ...(Object.fromEntries(own) as Record<string, z.ZodType>),
      read_at: z.string().nullable().describe("When it was read last, ISO 8601, UTC"),
      changed_at: z.string().nullable().describe("When it last became what it is"),
    })
    .meta({ id: `${pascal}Fact` });
}

export function factItem(fact: HeldFact, name: string | null): FactItem {
  return {
    subject: fact.subject,
    subject_name: name,
    cluster: fact.subject.split("/")[0] ?? "",
    key: fact.key,
    ...shownFields(fact.kind, fact.fields),
    read_at: isoTime(fact.readAt),
    changed_at: isoTime(fact.changedAt),
  };
}

/** Every field of the catalogue, so that a row that an earlier release wrote has all columns of this one. */
export function shownFields(kind: FactKind, fields: FactFields): FactFields {
  return Object.fromEntries(
    Object.entries(factEntry(kind).fields).map(([name, { type }]) => [name, shown(type, fields[name] ?? null)]),
  );
}

/** The same for a change, which has only some of them. */
export function shownChange(kind: FactKind, fields: FactFields | null): FactFields | null {
  if (fields === null) return null;
  const all = shownFields(kind, fields);
  return Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(fields, name)));
}

const shown = (type: FactFieldType, value: FactValue): FactValue =>
  type === "time" && typeof value === "number" ? isoTime(value) : value;
