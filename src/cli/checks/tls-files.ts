// The certificate and key that the page is served with are right and last.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { type Check, type Finding, fail, ok, warn } from "../doctor.ts";

const dayMs = 86_400_000;

export const tlsFiles: Check = {
  name: "tls files",
  summary: "The page's certificate and key belong together and are valid",
  run({ settings: { server }, clock }) {
    if (server.tls === null) return [];
    const { certFile, keyFile } = server.tls;
    try {
      const certificate = new X509Certificate(readFileSync(certFile));
      const key = createPrivateKey(readFileSync(keyFile));
      if (!certificate.checkPrivateKey(key)) {
        return [fail(keyFile, `it is not the key of ${certFile}`, "give the two files that were made together")];
      }
      return [...keyRights(keyFile), validity(certFile, certificate, clock.now())];
    } catch {
      return [fail(certFile, "certificate or key is no valid PEM file", "give PEM files without a passphrase")];
    }
  },
};

function keyRights(keyFile: string): readonly Finding[] {
  const open = (statSync(keyFile).mode & 0o077) !== 0;
  return open ? [warn(keyFile, "others may read the private key", `chmod 600 ${keyFile}`)] : [];
}

function validity(certFile: string, certificate: X509Certificate, now: number): Finding {
  const leftDays = Math.floor((Date.parse(certificate.validTo) - now) / dayMs);
  if (leftDays < 0) return fail(certFile, "it has expired", "renew it and restart the service");
  if (leftDays < 14) return warn(certFile, `it expires in ${leftDays} days`, "renew it and restart the service");
  return ok(certFile, `valid for ${leftDays} days`);
}
