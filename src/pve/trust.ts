// What makes us believe that a server is the one it should be, and a look at what a server shows, for `init`.
import { ConfigError } from "../lib/errors.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { PveTrustError } from "./errors.ts";
import { normalizeFingerprint, openTls, type Proof, targetOf } from "./tls.ts";

/** By the SHA-256 of the leaf certificate, by a CA file's content, or by the system's authorities. */
export type Trust =
  | { readonly kind: "pin"; readonly sha256: string }
  | { readonly kind: "ca"; readonly pem: string }
  | { readonly kind: "system" };

/** Throws a ConfigError for a fingerprint that is none. */
export function proofOf(trust: Trust): Proof {
  if (trust.kind === "ca") return { kind: "authority", pem: trust.pem };
  if (trust.kind === "system") return { kind: "authority", pem: null };
  const pin = normalizeFingerprint(trust.sha256);
  if (pin === undefined) {
    throw new ConfigError(
      `"${trust.sha256}" is no SHA-256 fingerprint: it must have 64 hexadecimal digits, as PVE shows it under System, Certificates.`,
    );
  }
  return { kind: "pin", accepted: [pin] };
}

export interface ShownCertificate {
  readonly sha256: string;
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** True when the system's authorities vouch for it under this name. */
  readonly systemTrusted: boolean;
}

/**
 * Opens TLS, reads the certificate and closes; sends no byte of HTTP. Throws a ConfigError for what is no endpoint, a
 * PveUnreachableError, or a PveTrustError for a server below TLS 1.2.
 */
export async function probeCertificate(url: string, timeoutMs = 5_000): Promise<ShownCertificate> {
  const socket = await openTls(targetOf(endpointUrl(url), timeoutMs));
  try {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new PveTrustError(`${url} showed no certificate.`, { endpoint: url });
    return {
      sha256: certificate.fingerprint256,
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      notAfter: new Date(certificate.validTo).toISOString(),
      systemTrusted: socket.authorized,
    };
  } finally {
    socket.destroy();
  }
}

// The types say string; for an empty name it is undefined.
const oneLine = (distinguishedName: string | undefined): string => (distinguishedName ?? "").replaceAll("\n", ", ");
