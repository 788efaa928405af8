// Opens TLS connections and tells who is at the other end. Nothing is sent on a connection before its certificate was
// compared with what is trusted: TLS 1.2 or newer, no way to switch the check off.
import { isIP } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { PveTrustError, PveUnreachableError } from "./errors.ts";

/** What an endpoint's certificate must be: one of these leaf certificates, or signed by an authority for its name. */
export type Proof =
  | { readonly kind: "pin"; readonly accepted: readonly string[] }
  | { readonly kind: "authority"; readonly pem: string | null };

export interface TlsTarget {
  /** For messages: https://pve1:8006 */
  readonly endpoint: string;
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** PEM of the authorities to trust instead of the system's. */
  readonly authorities?: string | null;
}

/** SHA-256 as AA:BB:…; undefined when it is not 64 hexadecimal digits. */
export function normalizeFingerprint(value: string): string | undefined {
  const digits = value.replace(/^sha-?256[:=\s]*/i, "").replace(/[:\s]/g, "");
  if (!/^[0-9a-f]{64}$/i.test(digits)) return undefined;
  return digits.toUpperCase().replace(/(..)(?=.)/g, "$1:");
}

export function targetOf(endpoint: string, timeoutMs: number): TlsTarget {
  const url = new URL(endpoint);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { endpoint, host, port: url.port === "" ? 443 : Number(url.port), timeoutMs };
}

const contexts = new Map<string | undefined, SecureContext>();

/** Reading the authorities anew for each connection costs more than the handshake. */
function contextOf(authorities: string | undefined): SecureContext {
  const known = contexts.get(authorities);
  if (known !== undefined) return known;
  const context = createSecureContext({
    minVersion: "TLSv1.2",
    ...(authorities === undefined ? {} : { ca: authorities }),
  });
  contexts.set(authorities, context);
  return context;
}

/** Connects without judging the certificate: the caller must, before it sends anything. */
export function openTls({ endpoint, host, port, timeoutMs, authorities }: TlsTarget): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      servername: isIP(host) === 0 ? host : "",
      secureContext: contextOf(authorities ?? undefined),
      ALPNProtocols: ["http/1.1"],
      // The judgement is made below, by hand, so that an error can name the certificate that was shown.
      rejectUnauthorized: false,
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(connectError(endpoint, new Error(`no connection within ${timeoutMs / 1000} s`)));
    }, timeoutMs);
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.on("error", (error: Error) => {
      clearTimeout(timer);
      reject(connectError(endpoint, error));
    });
  });
}

/** Throws a PveTrustError unless the certificate is what `proof` asks for. */
export function judge(socket: TLSSocket, endpoint: string, proof: Proof, nowMs: number): void {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new PveTrustError(`${endpoint} showed no certificate.`, { endpoint });
  const got = certificate.fingerprint256;
  if (proof.kind === "authority") {
    if (!socket.authorized) throw distrusted(endpoint, reasonOf(socket), got);
    return;
  }
  if (!proof.accepted.includes(got)) throw wrongPin(endpoint, proof.accepted, got);
  if (Date.parse(certificate.validTo) < nowMs) throw distrusted(endpoint, "CERT_HAS_EXPIRED", got);
}

// At run time it is the error's code; the type says Error.
const reasonOf = (socket: TLSSocket): string => {
  const reason: unknown = socket.authorizationError;
  return reason instanceof Error ? reason.message : String(reason);
};

function wrongPin(endpoint: string, accepted: readonly string[], got: string): PveTrustError {
  const expected = accepted[0] ?? "none";
  return new PveTrustError(
    `The certificate of ${endpoint} has the SHA-256 fingerprint ${got}, but ${expected} is trusted: nothing was sent; ` +
      "if the certificate was renewed on purpose, check the new fingerprint on the node and put it into the configuration.",
    { endpoint, expected, got },
  );
}

const renew = "renew it on the node (pvecm updatecerts --force, or its ACME account)";
const remedies: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: `it has expired: ${renew}`,
  CERT_NOT_YET_VALID: "it is not valid yet: check the clocks of this machine and of the node",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "it was made for another name: use a name or address that stands in it, or trust its fingerprint",
};

function distrusted(endpoint: string, reason: string, got: string): PveTrustError {
  const why =
    remedies[reason] ??
    "no trusted authority signed it: trust its fingerprint, or give the cluster's CA file (/etc/pve/pve-root-ca.pem)";
  return new PveTrustError(
    `The certificate of ${endpoint} (SHA-256 ${got}) is not trusted (${reason}): nothing was sent; ${why}.`,
    { endpoint, got },
  );
}

function connectError(endpoint: string, cause: Error): PveUnreachableError | PveTrustError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code)) {
    return new PveTrustError(
      `${endpoint} offers nothing newer than TLS 1.1: nothing was sent; TLS 1.2 or newer is needed.`,
      {
        endpoint,
        cause,
      },
    );
  }
  return new PveUnreachableError(`${endpoint} cannot be reached: ${connectRemedy(code, cause)}.`, {
    endpoint,
    cause,
    stage: "connect",
  });
}

function connectRemedy(code: string, cause: Error): string {
  if (code === "ECONNREFUSED") return "it refused the connection; check the port, and that pveproxy runs there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name has no address; check the name and the DNS";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "there is no route to it; check the network";
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code)) {
    return "what listens there does not speak TLS; check the port";
  }
  if (code === "ECONNRESET" || code === "EPIPE") return "it cut the connection; check for a firewall between";
  return cause.message;
}
