// What keys of the configuration hold, in words: the message of a field is always what it expects.
import { z } from "zod";

/** A group of keys; every other key is an error. */
export const group = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: "expected a group of keys" });
/** The message of a field is always what it expects; problems.ts adds where, what is there, and what was meant. */
export const text = (expected = "expected text") => z.string({ error: expected }).min(1, { error: expected });
export const list = <Item extends z.ZodType>(item: Item, expected: string) => z.array(item, { error: expected });
export const flag = () => z.boolean({ error: "expected true or false" });

export function whole(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

export function number(min: number, max: number) {
  const error = `expected a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

export function oneOf<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  return z.enum(choices, { error: `expected one of ${choices.join(", ")}` });
}
