// Headers that every answer carries, errors and files included, so that a browser refuses what we never ask of it.

/** No inline script, no inline style, nothing from elsewhere. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const always: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "permissions-policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
  vary: "Accept, Accept-Encoding, Cookie, Authorization",
};

/** `https`: people reach the service by TLS, its own or a proxy's; browsers are then told to stay with it for a year. */
export function securityHeaders(https: boolean): Readonly<Record<string, string>> {
  return https ? { ...always, "strict-transport-security": "max-age=31536000" } : always;
}
