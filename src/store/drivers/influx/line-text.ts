// Escaping of InfluxDB's line protocol. An empty tag is left out, because the protocol has none.

/**
 * What a tag can hold of a text: line breaks and other control characters become a blank, and a backslash at the end
 * would escape the separator behind it.
 */
export const keptTag = (text: string): string => oneLine(text).replace(/\\+$/, "_");

export const quotedField = (text: string): string => `"${oneLine(text).replace(/["\\]/g, "\\$&")}"`;

/** A float always, so that a field never changes its type: without a suffix a number is one. */
export const numberField = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** `measurement,tag=value,…`; tags in the given order. */
export function seriesKey(measurement: string, tags: Readonly<Record<string, string | null | undefined>>): string {
  let key = oneLine(measurement).replace(/[, ]/g, "\\$&");
  for (const [name, value] of Object.entries(tags)) {
    if (value !== null && value !== undefined && value !== "") key += `,${escapedTag(name)}=${escapedTag(value)}`;
  }
  return key;
}

const escapedTag = (text: string): string => keptTag(text).replace(/[,= ]/g, "\\$&");

/** InfluxQL takes a control character for the end of the question, so that a name with one could never be asked for. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
