// The HTTP server: puts routes, page and stream together behind one order of checks.
//
//   headers → length → Host → who asks → rate → permission → origin → body → schema → route
import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import websocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { type Authenticator, authenticator } from "./auth/authenticate.ts";
import { sessionCookie } from "./auth/session-cookie.ts";
import type { App, ServeContext, ServeDeps } from "./context.ts";
import { clientErrorHandler } from "./http/client-errors.ts";
import { compress } from "./http/compress.ts";
import { errorHandler } from "./http/error-handler.ts";
import { hostCheck } from "./http/hosts.ts";
import { HttpError } from "./http/http-error.ts";
import { isHttps } from "./http/is-https.ts";
import { listenOn, serverFactory } from "./http/listen.ts";
import { notFoundHandler } from "./http/not-found.ts";
import { checkPermission, type DeclaredRoute, declareRoute } from "./http/permissions.ts";
import { crossSiteCheck } from "./http/same-origin.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { routes } from "./index.ts";
import { addOpenApi, docsPath } from "./openapi.ts";
import { ownMetrics } from "./own-metrics.ts";
import { defaultLimits } from "./settings.ts";
import { staticPage } from "./static-page.ts";
import { StreamHub } from "./stream/stream-hub.ts";
import { topics } from "./stream/topics.ts";

export interface Server {
  /** Opens the port; throws a ListenError. The address is the public one, where one is configured. */
  listen(): Promise<{ readonly url: string }>;
  /** Ends streams, lets requests under way finish, closes the port. */
  close(): Promise<void>;
  /** What GET /metrics answers. */
  metricsText(): Promise<string>;
  readonly app: App;
  /** Every route with what it needs. */
  readonly declaredRoutes: readonly DeclaredRoute[];
}

/** Throws a ConfigError for unusable TLS files and a TypeError for a route or topic without permission. */
export async function createServer(deps: ServeDeps): Promise<Server> {
  const { settings } = deps;
  const sessionName = sessionCookie(isHttps(settings), settings.basePath).name;
  const identify = authenticator({
    accounts: deps.state,
    cookieName: sessionName,
    anonymousLoopbackRead: settings.anonymousLoopbackRead,
    push: deps.push,
  });
  const context = contextOf(deps, identify);
  const app = newApp(context);
  const declaredRoutes: DeclaredRoute[] = [];
  app.addHook("onRoute", declareRoute(declaredRoutes, { [`${settings.basePath}${docsPath}`]: "public" }));
  // Before the checks: it marks upgrades, and closes the connection of those that a check refuses.
  await app.register(websocket, {
    options: { maxPayload: context.limits.streamFrameBytes, perMessageDeflate: false },
    preClose: () => context.stream.close(),
  });
  await addChecks(app, context, identify);
  await addOpenApi(app, context);
  await app.register(
    (below, _options, done) => {
      for (const add of routes) add(below.withTypeProvider<ZodTypeProvider>(), context);
      addPage(below, staticPage(deps.webRoot, settings.basePath));
      done();
    },
    { prefix: settings.basePath },
  );
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, notFoundHandler(declaredRoutes));
  app.addHook("onClose", () => context.metrics.close());
  endConnectionsOnClose(app);
  await app.ready();
  return {
    app,
    declaredRoutes,
    listen: async () => ({ url: urlOf(context, await listenOn(app, settings)) }),
    metricsText: () => context.metrics.text(),
    close: () => app.close(),
  };
}

/** A connection that is kept alive after its last answer would hold up the end until the client lets go of it. */
function endConnectionsOnClose(app: App): void {
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (closing) reply.header("connection", "close");
    done();
  });
}

function addPage(app: FastifyInstance, handler: ReturnType<typeof staticPage>): void {
  const schema = { hide: true };
  app.get("/", { config: { permission: "public" }, schema }, handler);
  app.get("/*", { config: { permission: "public" }, schema }, handler);
  // Small and in memory; a page has several, and they do not count against the limit.
  app.get("/assets/*", { config: { permission: "public", rateLimit: false }, schema }, handler);
}

function contextOf(deps: ServeDeps, identify: Authenticator): ServeContext {
  const { fleet, store, metricsText, clock, log } = deps;
  const limits = { ...defaultLimits, ...deps.settings.limits };
  const metrics = ownMetrics({ fleet, store, metricsText, streamClients: () => stream.clients });
  const stream = new StreamHub({ fleet, topics, authenticator: identify, metrics, clock, limits, log });
  return { ...deps, limits, metrics, stream };
}

function newApp({ settings, limits, log }: ServeContext): App {
  const headers = securityHeaders(isHttps(settings));
  const onError = errorHandler(log);
  const app = Fastify({
    logger: false,
    serverFactory: serverFactory(settings.tls, limits),
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    bodyLimit: limits.bodyBytes,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 1_000 },
    forceCloseConnections: "idle",
    clientErrorHandler: clientErrorHandler(headers),
    frameworkErrors: (error, _request, reply) =>
      void onError(error, reply.request as FastifyRequest, reply.headers(headers)),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Answers are made from typed values; checking each again would cost more than making it. The tests check them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(onError);
  app.removeContentTypeParser("text/plain");
  return app;
}

async function addChecks(
  app: App,
  { settings, limits, metrics }: ServeContext,
  identify: Authenticator,
): Promise<void> {
  const headers = securityHeaders(isHttps(settings));
  const checkHost = hostCheck(settings);
  const checkOrigin = crossSiteCheck(settings.publicUrl);
  app.decorateRequest("identity", null);
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(headers).header("x-request-id", request.id).header("cache-control", "no-store");
    if (request.url.length > limits.urlBytes)
      throw new HttpError(414, "The address is longer than this service takes.");
    checkHost(request);
    done();
  });
  await app.register(cookie);
  app.addHook("onRequest", async (request) => {
    request.identity = await identify.identify(request);
  });
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    enableDraftSpec: true,
    keyGenerator: rateKey,
    errorResponseBuilder: (_request, { ttl }) =>
      new HttpError(429, `Too many requests; try again in ${Math.ceil(ttl / 1_000)} seconds.`),
  });
  app.addHook("preParsing", (request, _reply, _payload, done) => {
    checkPermission(request);
    checkOrigin(request);
    done();
  });
  app.addHook("onSend", compress);
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unmatched";
    metrics.observeRequest(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
    done();
  });
}

/** Whoever is signed in has a bucket of their own; the rest share their address's. IPv6 by its /64, which is one customer. */
function rateKey(request: FastifyRequest): string {
  const { identity } = request;
  if (identity !== null && identity.credential.kind !== "anonymous") return identity.principal.id;
  return request.ip.includes(":") ? request.ip.split(":").slice(0, 4).join(":") : request.ip;
}

function urlOf({ settings }: ServeContext, port: number): string {
  if (settings.publicUrl !== null) return settings.publicUrl;
  const name = ["0.0.0.0", "::"].includes(settings.host) ? "localhost" : settings.host;
  return `${settings.tls === null ? "http" : "https"}://${name.includes(":") ? `[${name}]` : name}:${port}${settings.basePath}/`;
}
