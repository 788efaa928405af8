// The configuration: found, read, checked and told apart from its origin.
export { type ConfigChanges, clusterChanges, keysForNextStart } from "./changes.ts";
export { completeEndpoint } from "./endpoint.ts";
export type { ConfigEntry } from "./entries.ts";
export { parseFingerprint } from "./fingerprint.ts";
export { configJsonSchema, type SchemaNode } from "./json-schema.ts";
export { type ConfigSource, findConfigFile, type LoadedConfig, loadConfig } from "./load.ts";
export { overridable } from "./overrides.ts";
export { ConfigProblemsError } from "./problem.ts";
export { readSecretFile } from "./references.ts";
export { type AccessSettings, accountOf, type ClusterSettings, type Settings } from "./settings.ts";
