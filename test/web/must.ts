// For values that the test itself has made sure of.

export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("a value that the test relies on is missing");
  return value;
}
