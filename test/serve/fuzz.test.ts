// Asks every operation of the API's own description for nonsense. FUZZ_RUNS sets the cases per operation (300).
import { request as httpRequest } from "node:http";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { aServer, problemIn, type TestServer } from "./serve-fixture.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly body: Schema | undefined;
}

const runs = Number(process.env["FUZZ_RUNS"] ?? 300);

let server: TestServer;
let operations: readonly Operation[];
let tokens: readonly Record<string, string>[];

beforeAll(async () => {
  server = await aServer();
  tokens = [
    await server.token("admin"),
    await server.token("viewer", { clusters: ["lab"], tags: ["web"] }),
    {},
    { authorization: "Basic x" },
  ];
  const document = (await server.app.inject({ url: "/api/openapi.json" })).json<{
    paths: Record<
      string,
      Record<
        string,
        { parameters?: Operation["parameters"]; requestBody?: { content: Record<string, { schema: Schema }> } }
      >
    >;
  }>();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: parameters ?? [],
      body: requestBody?.content["application/json"]?.schema,
    })),
  );
});

/** Words that belong to this API, so that some nonsense gets past the first check. */
const nearlyRight = fc.constantFrom(
  "lab/guest/100~1",
  "lab/guest/103",
  "lab/node/pve1",
  "lab/cluster",
  "lab/storage/@nfs",
  "lab/target/@cluster",
  "other/guest/100~1",
  "cpu_ratio",
  "cpu_ratio,mem_used_bytes",
  "-1h",
  "now",
  "raw",
  "auto",
  "1m",
  "0",
  "-1",
  "1e9",
  "9007199254740993",
  "true",
  "name,-values.cpu_ratio",
  "running",
  "avg",
  "W10=",
  "WyJuYW1lIixbbnVsbF0sIiJd",
  "admin",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
);
const nasty = fc.constantFrom(
  "",
  " ",
  "\u0000",
  "\r\nSet-Cookie: a=b",
  "'; drop table users;--",
  "<script>",
  "../../etc/passwd",
  "%00",
  "%",
  "\ud800",
  "💥".repeat(50),
  "a".repeat(5_000),
  "NaN",
  "[]",
  "{}",
  "null",
);
const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: nearlyRight },
  { weight: 2, arbitrary: nasty },
  fc.string({ unit: "binary", maxLength: 40 }),
);

function valueFor(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    text,
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  );
  if (depth > 4) return wrong;
  return fc.oneof({ weight: 6, arbitrary: rightFor(schema, depth) }, { weight: 1, arbitrary: wrong });
}

function rightFor(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valueFor(one, depth + 1)));
  const type = [schema.type].flat()[0];
  if (type === "integer" || type === "number") return fc.oneof(fc.integer({ min: -5, max: 1_100 }), fc.double());
  if (type === "array") return fc.array(valueFor(schema.items ?? {}, depth + 1), { maxLength: 4 });
  if (type === "object") {
    const fields = Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, own]) => [name, valueFor(own, depth + 1)]),
    );
    return fc.record(fields, { requiredKeys: [] });
  }
  return text;
}

/** One value, several of them, or none. */
const parameter = (schema: Schema): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: valueFor(schema).map((value) => [typeof value === "string" ? value : JSON.stringify(value)]),
    },
    { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
  );

const wellFormed = (value: string): string => encodeURIComponent(value.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));

interface FuzzCase {
  readonly query: Readonly<Record<string, readonly string[] | undefined>>;
  readonly stray: readonly [string, string] | null;
  readonly path: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly rawBody: string | null;
  readonly type: string;
  readonly accept: string;
  readonly who: number;
}

const caseOf = (operation: Operation): fc.Arbitrary<FuzzCase> =>
  fc.record({
    query: fc.record(
      Object.fromEntries(
        operation.parameters.filter((one) => one.in === "query").map((one) => [one.name, parameter(one.schema)]),
      ),
      { requiredKeys: [] },
    ),
    stray: fc.option(fc.tuple(text, text), { freq: 10 }),
    path: fc.record(
      Object.fromEntries(operation.parameters.filter((one) => one.in === "path").map((one) => [one.name, text])),
    ),
    body:
      operation.body === undefined
        ? fc.constant(undefined)
        : fc.option(valueFor(operation.body), { nil: undefined, freq: 8 }),
    rawBody: fc.option(fc.constantFrom("{", "", "[]", "null", '"x"', '{"a":1}}', "\u0000"), { freq: 8 }),
    type: fc.constantFrom(
      "application/json",
      "application/json",
      "application/json",
      "text/plain",
      "application/x-www-form-urlencoded",
      "nonsense",
      "",
    ),
    accept: fc.constantFrom("application/json", "text/csv", "*/*", "text/csv;q=nonsense", ";,;q=,", "text/html"),
    who: fc.nat({ max: 3 }),
  });

function urlOf(operation: Operation, one: Pick<FuzzCase, "query" | "stray" | "path">): string {
  const values = one.path;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => wellFormed(values[name] ?? "") || "x");
  const pairs = Object.entries(one.query).flatMap(([name, list]) =>
    (list ?? []).map((value) => [name, value] as const),
  );
  if (one.stray !== null) pairs.push(one.stray);
  const query = pairs.map(([name, value]) => `${wellFormed(name)}=${wellFormed(value)}`).join("&");
  return query === "" ? path : `${path}?${query}`;
}

describe("every operation", () => {
  it(`answers ${runs} kinds of nonsense without a fault of its own`, { timeout: 60_000 + runs * 400 }, async () => {
    const statuses = new Map<number, number>();
    for (const operation of operations) {
      await fc.assert(
        fc.asyncProperty(caseOf(operation), async (one) => {
          const hasBody = operation.body !== undefined;
          const payload = one.rawBody ?? (one.body === undefined ? undefined : JSON.stringify(one.body));
          const response = await server.app.inject({
            method: operation.method as "GET",
            url: urlOf(operation, one),
            // Guessing must not be slowed down here: each case has an address of its own.
            remoteAddress: `10.${randomByte()}.${randomByte()}.${randomByte()}`,
            headers: {
              accept: one.accept,
              ...tokens[one.who],
              ...(hasBody && payload !== undefined ? { "content-type": one.type } : {}),
            },
            ...(hasBody && payload !== undefined ? { payload } : {}),
          });
          statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
          expect(response.statusCode, response.body).toBeLessThan(500);
          if (response.statusCode >= 400) problemIn(response);
        }),
        { numRuns: runs },
      );
    }

    expect(operations.length).toBeGreaterThan(20);
    // Both sides of the checks were reached.
    expect(
      Math.min(statuses.get(200) ?? 0, statuses.get(400) ?? 0, statuses.get(401) ?? 0, statuses.get(404) ?? 0),
    ).toBeGreaterThan(runs / 10);
  });

  it("takes odd bytes in the address as a bad request, not as a fault", async () => {
    const { url } = await server.listen();
    const { port } = new URL(url);
    for (const path of [
      "/%",
      "/api/v1/entities/%ff%fe",
      "/api/v1/guests?q=%E0%A4%A",
      "/api/v1/entities/..%2f..",
      "//",
      "/api//v1",
      "/api/v1/guests?",
      "/api/v1/guests?limit",
      `/api/v1/entities/${"x".repeat(2_000)}`,
      "/api/v1/guests;x=1",
    ]) {
      const response = await new Promise<{ statusCode: number; headers: Record<string, unknown>; body: string }>(
        (resolve, reject) => {
          const request = httpRequest({ port, host: "127.0.0.1", path, headers: tokens[0] }, (incoming) => {
            let body = "";
            incoming.on("data", (data: Buffer) => {
              body += data.toString();
            });
            incoming.on("end", () =>
              resolve({ statusCode: incoming.statusCode ?? 0, headers: incoming.headers, body }),
            );
          });
          request.on("error", reject);
          request.end();
        },
      );
      if (path === "//") continue;
      expect(response.statusCode, path).toBeLessThan(500);
      if (response.statusCode >= 400) problemIn(response);
    }
  });
});

let byte = 0;
const randomByte = (): number => (byte = (byte * 31 + 7) % 251);
