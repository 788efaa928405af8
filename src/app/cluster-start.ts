// A configured cluster as the collector's thread takes it.
import type { BareAccess, ClusterStart } from "../collect/index.ts";
import type { AccessSettings, ClusterSettings } from "../config/index.ts";

export function clusterStart(settings: ClusterSettings, simulated: boolean): ClusterStart {
  const { id, name, endpoints, access, trust, pollPeriodS, history, limits, agent } = settings;
  return {
    cluster: { id, name, webUrl: settings.webUrl ?? endpoints[0] ?? null, simulated, pollPeriodS, history },
    endpoints,
    access: bareAccess(access),
    trust,
    limits,
    agent,
  };
}

/** Secrets as they travel between threads of this process. */
export function bareAccess(access: AccessSettings): BareAccess {
  if ("token" in access) return { token: { id: access.token.id, secret: access.token.secret.reveal() } };
  return { login: { user: access.login.user, password: access.login.password.reveal() } };
}
