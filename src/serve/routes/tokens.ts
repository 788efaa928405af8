// GET and POST /api/v1/tokens, DELETE /api/v1/tokens/{id}. A token's secret is shown once, when it is made.
import { z } from "zod";
import { ForbiddenError, InputError, NotFoundError } from "../../lib/errors.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { AccountName, Role, ScopeInput, TokenItem, tokenItem } from "../items/account-items.ts";
import { isWithin } from "../scoped-fleet.ts";

const NewToken = z.strictObject({
  name: AccountName,
  role: Role,
  scope: ScopeInput.default({ clusters: null, pools: null, tags: null }),
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null).describe("ISO 8601; null: until it is revoked"),
});

export const tokens: Routes = (app, { state, clock }) => {
  app.get(
    "/api/v1/tokens",
    {
      config: { permission: "tokens:read" },
      schema: {
        summary: "API tokens, revoked and expired ones included",
        tags: ["Accounts"],
        response: { 200: z.object({ items: z.array(TokenItem), next: z.null() }), ...errorAnswers },
      },
    },
    async (request) => {
      const { scope } = principalOf(request);
      const visible = (await state.tokens.list()).filter((token) => isWithin(token.scope, scope));
      return { items: visible.map(tokenItem), next: null };
    },
  );

  app.post(
    "/api/v1/tokens",
    {
      config: { permission: "tokens:admin" },
      schema: {
        summary: "Make an API token; the answer is the only place that shows its secret",
        tags: ["Accounts"],
        body: NewToken,
        response: { 201: TokenItem.extend({ secret: z.string() }), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { name, role, scope, expires_at } = request.body;
      const principal = principalOf(request);
      if (!isWithin(scope, principal.scope)) throw new ForbiddenError("A token cannot see more than you do.");
      const expiresAt = expires_at === null ? null : Date.parse(expires_at);
      if (expiresAt !== null && !(expiresAt > clock.now())) {
        throw new InputError("expires_at lies in the past.", [
          { pointer: "/body/expires_at", message: "lies in the past" },
        ]);
      }
      const { token, secret } = await state.tokens.create({ name, role, scope, expiresAt, createdBy: principal.id });
      return reply.code(201).send({ ...tokenItem(token), secret: secret.reveal() });
    },
  );

  app.delete(
    "/api/v1/tokens/:id",
    {
      config: { permission: "tokens:admin" },
      schema: {
        summary: "Revoke an API token; its streams end",
        tags: ["Accounts"],
        params: z.object({ id: z.string().max(100) }),
        response: { 204: z.null(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { scope } = principalOf(request);
      const token = (await state.tokens.list()).find(({ id }) => id === request.params.id);
      const revoked = token !== undefined && isWithin(token.scope, scope) && (await state.tokens.revoke(token.id));
      if (!revoked) throw new NotFoundError("There is no valid token with this id.");
      return reply.code(204).send(null);
    },
  );
};
