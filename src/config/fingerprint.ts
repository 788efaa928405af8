// SHA-256 fingerprints of certificates, in the spelling that Node and PVE's pages use.

/** `AA:BB:…`, or undefined when the text is no SHA-256 fingerprint. Colons and case do not matter. */
export function parseFingerprint(text: string): string | undefined {
  const digits = text.replaceAll(/[:\s]/g, "").toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? (digits.match(/../g) ?? []).join(":") : undefined;
}
