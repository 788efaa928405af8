// Names of fields as the API writes them: snake_case. For answers that are documents of analysis as they are; lists have
// items of their own.

type SnakeName<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? First extends Lowercase<First>
    ? `${First}${SnakeName<Rest>}`
    : `_${Lowercase<First>}${SnakeName<Rest>}`
  : Name;

export type SnakeCase<Value> = Value extends readonly (infer Each)[]
  ? SnakeCase<Each>[]
  : Value extends object
    ? { [Name in keyof Value as SnakeName<Name & string>]: SnakeCase<Value[Name]> }
    : Value;

/** Only for plain data whose field names are ours: a record that is keyed by what people name would be renamed too. */
export function snakeCase<Value>(value: Value): SnakeCase<Value> {
  return converted(value) as SnakeCase<Value>;
}

function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [snakeName(name), converted(each)]));
}

const snakeName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
