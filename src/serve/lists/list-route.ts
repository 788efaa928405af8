// One route for every list: filter, search, sort, page and CSV work alike everywhere; a list only says what it has.
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Permission } from "../../model/access.ts";
import type { App, ServeContext } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { type ScopedFleet, scopedFleet } from "../scoped-fleet.ts";
import { parseTime } from "../series/time-range.ts";
import { acceptsCsv } from "./accepts-csv.ts";
import { type Cell, csvOf, sendCsvFile } from "./csv.ts";
import { many } from "./many.ts";
import { comparePlaces, cursorOf, type Key, parseSort, placeOfCursor, type SortStep } from "./sort.ts";

export interface ListDefinition<Item extends object> {
  /** The last part of the address. */
  readonly name: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly item: z.ZodObject;
  /** Whether `gone=true` means something here. */
  readonly gone?: boolean;
  /** Parameters of which there is always one value: which lines there are at all. */
  readonly choices?: Readonly<Record<string, ListChoice>>;
  /** Where the list is of a stretch of time: how far back it begins when nobody says, `-30d`. */
  readonly since?: string;
  items(fleet: ScopedFleet, options: ListOptions): readonly Item[] | Promise<readonly Item[]>;
  /** What tells an item from all others. */
  id(item: Item): string;
  /** What `q` looks at. */
  searchable(item: Item): readonly (string | number | null)[];
  /** What `name=a,b` compares with: an item matches when it has any of the values. */
  readonly filters: Readonly<Record<string, (item: Item) => readonly (string | null)[]>>;
  /** Sort keys that are not simply fields. */
  readonly sortKeys?: Readonly<Record<string, (item: Item) => Key>>;
  readonly defaultSort: string;
  /** Metrics that `values.<metric>` may name, in the order of the CSV's columns. */
  readonly metrics?: readonly string[];
}

export interface ListChoice {
  readonly values: readonly string[];
  readonly usual: string;
  readonly summary: string;
}

export interface ListOptions {
  readonly gone: boolean;
  /** One of the values of each choice. */
  readonly choices: Readonly<Record<string, string>>;
  /** The stretch asked for (epoch milliseconds); of a list without `since` everything. */
  readonly fromMs: number;
  readonly toMs: number;
}

const defaultLimit = 200;
const csvLimit = 100_000;

interface ListQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly sort?: string | undefined;
  readonly q?: string | undefined;
  readonly gone?: "true" | "false" | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function addList<Item extends object>(app: App, context: ServeContext, list: ListDefinition<Item>): void {
  app.get(
    `/api/v1/${list.name}`,
    {
      config: { permission: list.permission },
      schema: {
        summary: list.summary,
        description: "With `Accept: text/csv` the whole list comes as a table unless `limit` is given.",
        tags: ["Lists"],
        querystring: querySchema(list),
        response: listAnswers(list.item),
      },
    },
    async (request, reply) => {
      const query = request.query as ListQuery;
      const fleet = scopedFleet(context.fleet, principalOf(request).scope);
      const csv = acceptsCsv(request);
      const choices = chosen(list, request.query as Record<string, unknown>);
      const stretch = stretchOf(list, query, context.clock.now());
      const items = await list.items(fleet, { gone: query.gone === "true", choices, ...stretch });
      const page = pageOf(list, items, query, query.limit ?? (csv ? csvLimit : defaultLimit));
      if (csv) return sendCsv(reply, list, page);
      return reply.send({ items: [...page.items] as Record<string, unknown>[], next: page.next });
    },
  );
}

function stretchOf({ since }: { readonly since?: string }, { from, to }: ListQuery, nowMs: number) {
  if (since === undefined) return { fromMs: 0, toMs: nowMs };
  return { fromMs: parseTime(from ?? since, "from", nowMs), toMs: parseTime(to ?? "now", "to", nowMs) };
}

const time = (what: string) => z.string().max(40).optional().describe(what);

function querySchema<Item extends object>(list: ListDefinition<Item>) {
  const filters = Object.keys(list.filters).map((name) => [name, many(`Only items with this ${name}`).optional()]);
  return z.strictObject({
    limit: z.coerce.number().int().min(1).max(1_000).optional().describe("Items per page (200)"),
    cursor: z.string().max(4_096).optional().describe("`next` of the page before"),
    sort: z
      .string()
      .max(300)
      .optional()
      .describe("Fields by comma, `-` before one for descending; also values.<metric>"),
    q: z.string().max(200).optional().describe("Free text"),
    ...(list.since === undefined
      ? {}
      : { from: time(`ISO 8601, milliseconds, or relative such as -1h (${list.since})`), to: time("now") }),
    ...(list.gone === true ? { gone: z.enum(["true", "false"]).optional().describe("Include what is gone") } : {}),
    ...Object.fromEntries(
      Object.entries(list.choices ?? {}).map(([name, { values, usual, summary }]) => [
        name,
        z.enum(values).default(usual).describe(summary),
      ]),
    ),
    ...(Object.fromEntries(filters) as Record<string, ReturnType<typeof many>>),
  });
}

const chosen = <Item extends object>(list: ListDefinition<Item>, query: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(list.choices ?? {}).map(([name, { usual }]) => {
      const value = query[name];
      return [name, typeof value === "string" ? value : usual];
    }),
  );

function listAnswers(item: z.ZodObject) {
  const page = z.object({ items: z.array(item), next: z.string().nullable().describe("The cursor of the next page") });
  return {
    200: jsonOrCsv("One page", page),
    ...errorAnswers,
  };
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

function pageOf<Item extends object>(
  list: ListDefinition<Item>,
  items: readonly Item[],
  query: ListQuery,
  limit: number,
): Page<Item> {
  const sort = query.sort ?? list.defaultSort;
  const steps = parseSort(sort, (name) => isSortable(list, name));
  const after = query.cursor === undefined ? undefined : placeOfCursor(query.cursor, sort, steps);
  const matching = items.filter((item) => matches(list, item, query));
  const placed = matching.map((item) => ({ item, id: list.id(item), keys: keysOf(list, item, steps) }));
  const rest = after === undefined ? placed : placed.filter((place) => comparePlaces(steps, place, after) > 0);
  rest.sort((a, b) => comparePlaces(steps, a, b));
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const next = last === undefined || rest.length <= limit ? null : cursorOf(sort, last);
  return { items: shown.map(({ item }) => item), next };
}

function isSortable<Item extends object>(list: ListDefinition<Item>, name: string): boolean {
  if (name.startsWith("values.")) return list.metrics?.includes(name.slice("values.".length)) ?? false;
  return Object.hasOwn(list.item.shape, name) || Object.hasOwn(list.sortKeys ?? {}, name);
}

function keysOf<Item extends object>(
  list: ListDefinition<Item>,
  item: Item,
  steps: readonly SortStep[],
): readonly Key[] {
  return steps.map(({ name }) => {
    const own = Object.hasOwn(list.sortKeys ?? {}, name) ? list.sortKeys?.[name] : undefined;
    return own === undefined ? keyFrom(valueAt(item, name)) : own(item);
  });
}

function keyFrom(value: unknown): Key {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

function valueAt(item: object, name: string): unknown {
  const fields = item as Record<string, unknown>;
  if (!name.startsWith("values.")) return fields[name];
  return (fields["values"] as Record<string, unknown> | undefined)?.[name.slice("values.".length)];
}

function matches<Item extends object>(list: ListDefinition<Item>, item: Item, query: ListQuery): boolean {
  for (const [name, valuesOf] of Object.entries(list.filters)) {
    const wanted = (query as Record<string, readonly string[] | undefined>)[name];
    if (wanted !== undefined && !valuesOf(item).some((value) => value !== null && wanted.includes(value))) return false;
  }
  const words = (query.q ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return true;
  const text = list.searchable(item).join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

function sendCsv<Item extends object>(reply: FastifyReply, list: ListDefinition<Item>, page: Page<Item>): FastifyReply {
  const fields = Object.keys(list.item.shape).filter((name) => name !== "values");
  const columns = [...fields, ...(list.metrics ?? []).map((metric) => `values.${metric}`)];
  const rows = page.items.map((item) => columns.map((column) => cellOf(valueAt(item, column))));
  if (page.next !== null) reply.header("x-next-cursor", page.next);
  return sendCsvFile(reply, list.name, csvOf(columns, rows));
}

function cellOf(value: unknown): Cell {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : (value as Cell);
}
