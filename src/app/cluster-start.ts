// A configured cluster as the collector's thread takes it.
import type { ClusterStart } from "../collect/index.ts";
import type { ClusterSettings } from "../config/index.ts";

export function clusterStart(settings: ClusterSettings, simulated: boolean): ClusterStart {
  const { id, name, endpoints, token, trust, pollPeriodS, history, limits, agent } = settings;
  return {
    cluster: { id, name, webUrl: settings.webUrl ?? endpoints[0] ?? null, simulated, pollPeriodS, history },
    endpoints,
    token: { id: token.id, secret: token.secret.reveal() },
    trust,
    limits,
    agent,
  };
}
