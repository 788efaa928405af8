// The description of the API, made from the routes' own schemas, and the page that shows it.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { createJsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { App, ServeContext } from "./context.ts";

export const docsPath = "/api/docs";

/** Nothing inline at all: the page wants one inline style, is drawn well without it, and gets none. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const transform = createJsonSchemaTransform({});

export async function addOpenApi(
  app: App,
  { version, settings }: Pick<ServeContext, "version" | "settings">,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Pilothouse",
        version,
        description:
          "Metrics of Proxmox VE clusters. Errors are RFC 9457 problems, times ISO 8601 in UTC (columns: milliseconds since the epoch). Live changes come over the WebSocket /api/v1/stream (docs/reference/stream.md).",
      },
      servers: [{ url: settings.basePath === "" ? "/" : settings.basePath }],
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "An API token, ph_…" },
          session: { type: "apiKey", in: "cookie", name: settings.tls === null ? "pilothouse" : "__Host-pilothouse" },
        },
      },
    },
    transform: (input) => {
      const { schema, url } = transform(input);
      const permission = input.route.config?.permission;
      const security = permission === "public" ? [] : [{ token: [] }, { session: [] }];
      return { schema: { ...schema, security, "x-permission": permission }, url: withoutBase(url, settings.basePath) };
    },
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: `${settings.basePath}${docsPath}`,
    uiConfig: { validatorUrl: null, supportedSubmitMethods: [] },
    staticCSP: docsPolicy,
  });
}

/** `servers` has the base path already. */
const withoutBase = (url: string, basePath: string): string =>
  url.startsWith(`${basePath}/`) ? url.slice(basePath.length) : url;
