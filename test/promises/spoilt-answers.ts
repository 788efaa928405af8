// Answers that a proxy, a full disk or a broken node could make of a good one.
import fc from "fast-check";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What takes the place of one value. */
const strange: readonly (Json | undefined)[] = [
  null,
  undefined,
  "",
  "x",
  "NaN",
  -1,
  1e308,
  true,
  [],
  {},
  [[[]]],
  { a: { b: 1 } },
  "\u0000\ud800",
  "9".repeat(400),
];

/** One to four places of the answer are changed in shape: a member is gone, of another type, doubled, or nonsense. */
export const misshapen = (answer: unknown): fc.Arbitrary<Buffer> =>
  fc
    .array(fc.tuple(fc.nat(), fc.constantFrom(...strange), fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      let spoilt = answer as Json;
      for (const [place, value, doubles] of changes) spoilt = changed(spoilt, place, value, doubles);
      return Buffer.from(JSON.stringify(spoilt));
    });

/** The bytes themselves suffer: cut, overwritten, doubled, or other text put in between. */
export const garbled = (body: Buffer): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc.nat(body.length).map((end) => body.subarray(0, end)),
    fc
      .tuple(fc.nat(body.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }))
      .map(([at, bytes]) => Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + bytes.length)])),
    fc
      .tuple(
        fc.nat(body.length),
        fc.constantFrom("NaN", "Infinity", "\u0000", "<html>", "}]", "{", '"', "1e999", "\\u12"),
      )
      .map(([at, text]) => Buffer.concat([body.subarray(0, at), Buffer.from(text), body.subarray(at)])),
    fc
      .constantFrom("", "null", '{"data":null}', "[]", '{"data":{}}', '{"data":[]}', "<!DOCTYPE html>")
      .map((text) => Buffer.from(text)),
  );

/** The same answer with members that nobody knows, everywhere. */
export function withUnknownMembers(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((each) => withUnknownMembers(each, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, each]) => [key, withUnknownMembers(each, depth + 1)]);
  return { ...Object.fromEntries(members), [`zz-unknown-${depth}`]: { nested: [1, "two", null] } };
}

/** The value at the n-th place, counted through the whole answer. */
function changed(root: Json, place: number, to: Json | undefined, doubles: boolean): Json {
  const places: (readonly (string | number)[])[] = [];
  const walk = (value: Json, path: readonly (string | number)[]): void => {
    if (path.length > 0) places.push(path);
    // A long list is like its first members, and the walk must not take longer than the reading.
    const members: readonly [string, Json][] = Array.isArray(value)
      ? Object.entries(value.slice(0, 30) as Json[])
      : typeof value === "object" && value !== null
        ? Object.entries(value)
        : [];
    for (const [key, each] of members) walk(each, [...path, key]);
  };
  walk(root, []);
  const path = places[place % Math.max(1, places.length)];
  return path === undefined ? root : replaced(root, path, to, doubles);
}

function replaced(
  value: Json,
  [key, ...rest]: readonly (string | number)[],
  to: Json | undefined,
  doubles: boolean,
): Json {
  if (key === undefined) return to ?? null;
  if (Array.isArray(value)) {
    const list = [...(value as Json[])];
    const index = Number(key);
    if (rest.length > 0) list[index] = replaced(list[index] ?? null, rest, to, doubles);
    else if (doubles) list.splice(index, 0, list[index] ?? null);
    else if (to === undefined) list.splice(index, 1);
    else list[index] = to;
    return list;
  }
  const record = new Map(Object.entries(value as Readonly<Record<string, Json>>));
  const name = String(key);
  if (rest.length > 0) record.set(name, replaced(record.get(name) ?? null, rest, to, doubles));
  else if (to === undefined) record.delete(name);
  else record.set(name, to);
  return Object.fromEntries(record);
}
