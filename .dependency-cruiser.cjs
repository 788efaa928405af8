// Who may import whom. A new folder is one line in `may`; everything that is not listed is forbidden.
const may = {
  model: [],
  lib: [],
  simulator: ["lib"],
  pve: ["model", "lib"],
  store: ["model", "lib"],
  live: ["model", "lib"],
  analyse: ["model", "lib"],
  config: ["model", "lib"],
  collect: ["model", "lib", "pve"],
  serve: ["model", "lib"],
  web: ["model"],
};
const plugins = "(collectors|drivers|jobs|routes|checks)";

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nobody-imports-the-top",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: "^src/(cli|app)/" },
      to: { path: "^src/(main|app)(/|\\.ts$)" },
    },
    ...Object.entries(may).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      severity: "error",
      from: { path: `^src/${folder}/` },
      to: { path: "^src/[^/]+/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
    })),
    {
      name: "plugins-only-by-their-index",
      severity: "error",
      from: { path: "^src/([^/]+)/", pathNot: "^src/[^/]+/index\\.ts$" },
      to: { path: `^src/[^/]+/${plugins}/`, pathNot: `^src/$1/${plugins}/[^/]+/` },
    },
    {
      name: "undici-only-at-the-pve-edge",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(pve|notify|store/drivers|cli)/" },
      to: { path: "node_modules/undici/" },
    },
    {
      name: "fastify-only-in-serve",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/serve/" },
      to: { path: "node_modules/(fastify|@fastify)/" },
    },
    {
      name: "databases-only-in-store",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/store/" },
      to: { path: "node_modules/(@duckdb|libsql|kysely|@influxdata)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.check.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
