// GET /api/v1/disks, /certificates, /backups, … : one list for every kind of the catalogue of facts, and
// GET /api/v1/entities/{id}/facts: all of one thing.
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import { type FactFieldType, type FactKind, factEntry, factKinds } from "../../model/facts-catalogue.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { type FactItem, factItem, factItemSchema } from "../items/fact-item.ts";
import { addList } from "../lists/list-route.ts";
import { type ScopedFleet, scopedFleet } from "../scoped-fleet.ts";

export const facts: Routes = (app, context) => {
  for (const kind of factKinds) addFactList(app, context, kind);
  addFactsOfEntity(app, context);
};

/** What can be chosen by: words and states, not amounts. */
const filtered: readonly FactFieldType[] = ["text", "flag", "words"];

function addFactList(app: App, context: ServeContext, kind: FactKind): void {
  const { list, summary, fields } = factEntry(kind);
  const own = Object.entries(fields).filter(([, { type }]) => filtered.includes(type));
  addList<FactItem>(app, context, {
    name: list,
    summary,
    permission: "facts:read",
    item: factItemSchema(kind),
    items: (fleet) => itemsOf(fleet, context, kind),
    id: ({ subject, key }) => JSON.stringify([subject, key]),
    searchable: (item) => [
      item.subject,
      String(item["subject_name"] ?? ""),
      ...own.map(([name]) => wordsOf(item[name]).join(" ")),
    ],
    filters: {
      cluster: (item) => [item.cluster],
      subject: (item) => [item.subject],
      ...Object.fromEntries(own.map(([name]) => [name, (item: FactItem) => wordsOf(item[name])])),
    },
    defaultSort: "subject_name,key",
  });
}

function wordsOf(value: FactItem[string] | undefined): readonly string[] {
  if (value === null || value === undefined) return [];
  return typeof value === "object" ? value : [String(value)];
}

function itemsOf(fleet: ScopedFleet, { facts: view }: ServeContext, kind: FactKind): FactItem[] {
  return view.list(kind).flatMap((fact) => {
    const subject = fleet.find(fact.subject);
    return subject === undefined ? [] : [factItem(fact, subject.entity.name)];
  });
}

const EntityFacts = z
  .object({ facts: z.array(z.object({ kind: z.string(), items: z.array(z.record(z.string(), z.unknown())) })) })
  .meta({ id: "EntityFacts" });

function addFactsOfEntity(app: App, context: ServeContext): void {
  app.get(
    "/api/v1/entities/:id/facts",
    {
      config: { permission: "facts:read" },
      schema: {
        summary: "All slow facts of one cluster, node, guest or storage, by kind",
        description: "Items are those of the kinds' own lists. Of a cluster: what is about it as a whole.",
        tags: ["Lists"],
        params: z.object({ id: z.string().max(300).describe("The entity's id, URL-encoded") }),
        response: { 200: EntityFacts, ...errorAnswers },
      },
    },
    (request) => {
      const live = scopedFleet(context.fleet, principalOf(request).scope).find(request.params.id);
      if (live === undefined) throw new NotFoundError("There is nothing with this id.");
      const { id, name } = live.entity;
      const found = factKinds.map((kind) => ({
        kind,
        items: context.facts
          .list(kind)
          .filter(({ subject }) => subject === id)
          .map((fact) => factItem(fact, name))
          .sort((a, b) => a.key.localeCompare(b.key, "en", { numeric: true })),
      }));
      return { facts: found.filter(({ items }) => items.length > 0) };
    },
  );
}
