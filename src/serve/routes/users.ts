// GET and POST /api/v1/users, DELETE /api/v1/users/{id}. An administrator with a scope sees and makes users within it.
import { z } from "zod";
import { ForbiddenError, NotFoundError } from "../../lib/errors.ts";
import { Secret } from "../../lib/secret.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { HttpError } from "../http/http-error.ts";
import { principalOf } from "../http/permissions.ts";
import { AccountName, NewPassword, Role, ScopeInput, UserItem, userItem } from "../items/account-items.ts";
import { isWithin } from "../scoped-fleet.ts";

export const users: Routes = (app, { state }) => {
  app.get(
    "/api/v1/users",
    {
      config: { permission: "users:read" },
      schema: {
        summary: "Users",
        tags: ["Accounts"],
        response: { 200: z.object({ items: z.array(UserItem), next: z.null() }), ...errorAnswers },
      },
    },
    async (request) => {
      const { scope } = principalOf(request);
      const visible = (await state.users.list()).filter((user) => isWithin(user.scope, scope));
      return { items: visible.map(userItem), next: null };
    },
  );

  app.post(
    "/api/v1/users",
    {
      config: { permission: "users:admin" },
      schema: {
        summary: "Make a user",
        tags: ["Accounts"],
        body: z.strictObject({
          name: AccountName,
          password: NewPassword,
          role: Role,
          scope: ScopeInput.default({ clusters: null, pools: null, tags: null }),
        }),
        response: { 201: UserItem, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { name, password, role, scope } = request.body;
      if (!isWithin(scope, principalOf(request).scope)) throw new ForbiddenError("A user cannot see more than you do.");
      const user = await state.users.create({ name, password: new Secret(password), role, scope });
      if (user === undefined) throw new HttpError(409, "There is a user with this name already; choose another.");
      return reply.code(201).send(userItem(user));
    },
  );

  app.delete(
    "/api/v1/users/:id",
    {
      config: { permission: "users:admin" },
      schema: {
        summary: "Remove a user; their sessions end",
        tags: ["Accounts"],
        params: z.object({ id: z.string().max(100) }),
        response: { 204: z.null(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const user = await state.users.get(request.params.id);
      if (user === undefined || !isWithin(user.scope, principalOf(request).scope)) {
        throw new NotFoundError("There is no user with this id.");
      }
      const others = (await state.users.list()).filter(({ id, role }) => id !== user.id && role === "admin");
      if (user.role === "admin" && others.length === 0) {
        throw new HttpError(409, "This is the last administrator; make another one first.");
      }
      await state.users.remove(user.id);
      return reply.code(204).send(null);
    },
  );
};
