// Times as the API writes them.

/** ISO 8601 in UTC; null for null and for what is no time. */
export function isoTime(ms: number | null): string | null {
  return ms === null || !(Math.abs(ms) <= 8.64e15) ? null : new Date(ms).toISOString();
}
