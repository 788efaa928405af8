// Escaping of InfluxDB's line protocol. A line break cannot be escaped in a tag, so it becomes a blank; an empty tag is
// left out, because the protocol has none.

export const escapedMeasurement = (text: string): string => oneLine(text).replace(/[, ]/g, "\\$&");

/** Keys and values of tags, and keys of fields. A backslash at the end would escape the separator behind it. */
export const escapedTag = (text: string): string => oneLine(text).replace(/[,= ]/g, "\\$&").replace(/\\$/, "\\ ");

export const quotedField = (text: string): string => `"${oneLine(text).replace(/["\\]/g, "\\$&")}"`;

/** A float always, so that a field never changes its type: without a suffix a number is one. */
export const numberField = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** `measurement,tag=value,…`; tags in the given order. */
export function seriesKey(measurement: string, tags: Readonly<Record<string, string | null | undefined>>): string {
  let key = escapedMeasurement(measurement);
  for (const [name, value] of Object.entries(tags)) {
    if (value !== null && value !== undefined && value !== "") key += `,${escapedTag(name)}=${escapedTag(value)}`;
  }
  return key;
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ");
