// The cluster's one certificate, made at start: EC P-256, with every address and name of its nodes.
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { generate } from "selfsigned";

export interface ClusterCertificate {
  readonly keyPem: string;
  readonly pem: string;
  /** AA:BB:… SHA-256. */
  readonly fingerprint: string;
  readonly san: readonly string[];
}

export async function makeCertificate(names: readonly string[]): Promise<ClusterCertificate> {
  const san = [...new Set(names)];
  const altNames = san.map((name) =>
    isIP(name) === 0 ? ({ type: 2, value: name } as const) : ({ type: 7, ip: name } as const),
  );
  const made = await generate([{ name: "commonName", value: "Pilothouse simulated cluster" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // Its own authority: the same text serves as CA file.
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames },
    ],
  });
  const { fingerprint256 } = new X509Certificate(made.cert);
  return { keyPem: made.private, pem: made.cert, fingerprint: fingerprint256, san };
}
