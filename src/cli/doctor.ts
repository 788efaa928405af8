// What a check of doctor is, what it is given, and how all are run. A check never throws for what it looks for: it says
// what it found and the line that mends it.
import type { ClusterSettings, Settings } from "../config/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { type ConfigError, describeError } from "../lib/errors.ts";
import type { Permissions, PveCluster, Version } from "../pve/index.ts";

export interface Finding {
  readonly level: "ok" | "warn" | "fail";
  /** What it is about: a cluster's id, an endpoint, a directory; empty for the whole. */
  readonly subject: string;
  readonly message: string;
  /** What to do, a command where there is one; empty when nothing needs to be done. */
  readonly fix: string;
}

export interface Check {
  readonly name: string;
  readonly summary: string;
  /** True for the one that looks at the configuration itself; the others are left out when it cannot be read. */
  readonly worksWithoutConfig?: true;
  run(context: CheckContext): Promise<readonly Finding[]> | readonly Finding[];
}

/** One cluster, asked at most once per question however many checks want the answer. */
export interface ClusterProbe {
  readonly settings: ClusterSettings;
  readonly pve: PveCluster;
  readonly version: () => Promise<Version>;
  readonly permissions: () => Promise<Permissions>;
  /** Set by the first check that shows why the later ones could only fail, too. */
  gaveUp: boolean;
}

export interface CheckContext {
  readonly settings: Settings;
  readonly file: string | null;
  readonly configError: ConfigError | null;
  readonly clock: Clock;
  readonly clusters: readonly ClusterProbe[];
  /** What the running service says of itself; null when none runs. */
  readonly serviceStatus: () => Promise<Readonly<Record<string, unknown>> | null>;
}

export type CheckResult = Finding & { readonly check: string };

export const ok = (subject: string, message: string): Finding => ({ level: "ok", subject, message, fix: "" });
export const warn = (subject: string, message: string, fix: string): Finding => ({
  level: "warn",
  subject,
  message,
  fix,
});
export const fail = (subject: string, message: string, fix: string): Finding => ({
  level: "fail",
  subject,
  message,
  fix,
});

/** Runs them one after the other, because a later one rests on what an earlier one found. */
export async function runChecks(checks: readonly Check[], context: CheckContext): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    if (context.configError !== null && check.worksWithoutConfig !== true) continue;
    const findings = await outcomeOf(check, context);
    results.push(...findings.map((finding) => ({ check: check.name, ...finding })));
  }
  return results;
}

async function outcomeOf(check: Check, context: CheckContext): Promise<readonly Finding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    const message = `the check itself failed: ${describeError(error)}`;
    return [fail("", message, "run it again with --debug and report it")];
  }
}

/** Asks every cluster that is not given up, all at the same time; what is thrown is a failure of that cluster. */
export async function eachCluster(
  context: CheckContext,
  fix: string,
  look: (probe: ClusterProbe) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    context.clusters.map(async (probe) => {
      if (probe.gaveUp) return [];
      try {
        return await look(probe);
      } catch (error) {
        probe.gaveUp = true;
        return [fail(probe.settings.id, describeError(error), fix)];
      }
    }),
  );
  return found.flat();
}
