// Every endpoint shows the certificate that is trusted, and it lasts.
import type { TrustSettings } from "../../config/settings.ts";
import { describeError } from "../../lib/errors.ts";
import type { ShownCertificate } from "../../pve/index.ts";
import { type Check, type ClusterProbe, type Finding, fail, ok, warn } from "../doctor.ts";

const dayMs = 86_400_000;

export const certificate: Check = {
  name: "certificate",
  summary: "The clusters show the certificates that are trusted",
  async run({ clusters, clock }) {
    const asked = clusters.filter(({ gaveUp }) => !gaveUp);
    const found = await Promise.all(asked.map((probe) => lookAt(probe, clock.now())));
    return found.flat();
  },
};

async function lookAt({ settings }: ClusterProbe, now: number): Promise<readonly Finding[]> {
  const { probeCertificate } = await import("../../pve/index.ts");
  return Promise.all(
    settings.endpoints.map(async (endpoint) => {
      const subject = `${settings.id} ${endpoint}`;
      try {
        return judge(subject, await probeCertificate(endpoint), settings.trust, now);
      } catch (error) {
        return warn(subject, describeError(error), "see reachability");
      }
    }),
  );
}

function judge(subject: string, shown: ShownCertificate, trust: TrustSettings, now: number): Finding {
  const leftDays = Math.floor((Date.parse(shown.notAfter) - now) / dayMs);
  const renew = "on the node: pvecm updatecerts --force";
  if (trust.kind === "pin" && shown.sha256 !== trust.sha256) {
    const fix = `compare with the node (pvenode cert info); if it was renewed on purpose: trust.fingerprint: ${shown.sha256}`;
    return fail(subject, `it shows ${shown.sha256}, but ${trust.sha256} is trusted`, fix);
  }
  if (trust.kind === "system" && !shown.systemTrusted) {
    const fix = "set trust.fingerprint or trust.ca_file; pilothouse init shows the fingerprint";
    return fail(subject, "the system's CAs do not vouch for its certificate", fix);
  }
  if (leftDays < 0) return fail(subject, "its certificate has expired", renew);
  if (leftDays < 14) return warn(subject, `its certificate expires in ${leftDays} days`, renew);
  return ok(subject, `trusted, valid for ${leftDays} days`);
}
