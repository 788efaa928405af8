// Paths and parameters as PVE wants them: every segment encoded, every parameter a string, booleans as 0 and 1.
import { Secret } from "../lib/secret.ts";

export type Parameter = string | number | boolean | Secret | undefined;
export type Parameters = Readonly<Record<string, Parameter>>;

/** pvePath`/nodes/${node}/qemu/${vmid}/config` encodes each value as one segment, whatever is in it. */
export function pvePath(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.map((part, index) => part + (index < values.length ? segment(String(values[index])) : "")).join("");
}

function segment(value: string): string {
  if (value === "") throw new TypeError("a path segment is empty");
  // A lone surrogate cannot be encoded, and "." and ".." would walk the tree.
  const encoded = encodeURIComponent(Buffer.from(value).toString());
  return /^\.\.?$/.test(encoded) ? encoded.replaceAll(".", "%2E") : encoded;
}

/** Form encoding of the parameters that are there, secrets in the clear; empty when none is. */
export function encodeParameters(parameters: Parameters): string {
  const revealed = Object.entries(parameters).map(([key, value]) => [
    key,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return new URLSearchParams(showParameters(Object.fromEntries(revealed) as Parameters)).toString();
}

/** The parameters that are there, as text; secrets as "[redacted]". */
export function showParameters(parameters: Parameters): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined) shown[key] = typeof value === "boolean" ? (value ? "1" : "0") : String(value);
  }
  return shown;
}
