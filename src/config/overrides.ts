// The keys that flags and PILOTHOUSE_* variables may set, and how.

export interface Override {
  /** Path of the key, `server.port`. */
  readonly path: string;
  readonly value: string;
  /** `--port` or `PILOTHOUSE_PORT`. */
  readonly source: string;
}

export interface Overridable {
  readonly path: string;
  readonly flag: string;
  readonly placeholder: string;
  readonly variable: string;
}

export const overridable: readonly Overridable[] = [
  { path: "server.port", flag: "--port", placeholder: "N", variable: "PILOTHOUSE_PORT" },
  { path: "server.host", flag: "--host", placeholder: "ADDRESS", variable: "PILOTHOUSE_HOST" },
  { path: "data_dir", flag: "--data-dir", placeholder: "DIR", variable: "PILOTHOUSE_DATA_DIR" },
  { path: "server.public_url", flag: "--public-url", placeholder: "URL", variable: "PILOTHOUSE_PUBLIC_URL" },
  { path: "server.base_path", flag: "--base-path", placeholder: "PATH", variable: "PILOTHOUSE_BASE_PATH" },
  {
    path: "server.trusted_proxies",
    flag: "--trusted-proxies",
    placeholder: "LIST",
    variable: "PILOTHOUSE_TRUSTED_PROXIES",
  },
  { path: "server.allowed_hosts", flag: "--allowed-hosts", placeholder: "LIST", variable: "PILOTHOUSE_ALLOWED_HOSTS" },
  { path: "log.level", flag: "--log-level", placeholder: "LEVEL", variable: "PILOTHOUSE_LOG_LEVEL" },
];

/**
 * The variables that are set. Kubernetes puts PILOTHOUSE_PORT=tcp://10.0.0.1:7060 into every pod beside a service of
 * our name; nobody means that one.
 */
export function environmentOverrides(env: Readonly<Record<string, string | undefined>>): readonly Override[] {
  return overridable.flatMap(({ path, variable }) => {
    const value = env[variable];
    return value === undefined || value === "" || value.startsWith("tcp://") ? [] : [{ path, value, source: variable }];
  });
}
