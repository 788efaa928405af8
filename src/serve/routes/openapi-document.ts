// GET /api/openapi.json
import type { Routes } from "../context.ts";

export const openapiDocument: Routes = (app) => {
  let document: string | undefined;
  app.get("/api/openapi.json", { config: { permission: "public" }, schema: { hide: true } }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type("application/json; charset=utf-8").send(document);
  });
};
