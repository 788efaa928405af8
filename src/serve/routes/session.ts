// Signing in and out, and the first administrator: POST and DELETE /api/v1/session, POST /api/v1/setup.
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { ForbiddenError, UnauthenticatedError } from "../../lib/errors.ts";
import { Secret } from "../../lib/secret.ts";
import { everything } from "../../model/access.ts";
import type { User } from "../../model/accounts.ts";
import { principalOfUser } from "../auth/authenticate.ts";
import { LoginBackoff } from "../auth/login-backoff.ts";
import { sessionCookie } from "../auth/session-cookie.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { HttpError } from "../http/http-error.ts";
import { isHttps } from "../http/is-https.ts";
import { AccountName, MeItem, meOf, NewPassword } from "../items/account-items.ts";

export const session: Routes = (app, { state, settings, clock }) => {
  const backoff = new LoginBackoff(clock);
  const cookie = sessionCookie(isHttps(settings), settings.basePath);

  /** Always a new session: an id that was known before the login is worth nothing after it. */
  const signIn = async (request: FastifyRequest, reply: FastifyReply, user: User): Promise<z.infer<typeof MeItem>> => {
    if (request.identity?.credential.kind === "session") await state.sessions.remove(request.identity.credential.id);
    const created = await state.sessions.create(user.id);
    cookie.set(reply, created.secret, created.expiresAt);
    return meOf(principalOfUser(user));
  };

  app.post(
    "/api/v1/session",
    {
      config: { permission: "public" },
      schema: {
        summary: "Sign in; sets the session cookie",
        tags: ["Accounts"],
        body: z.strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(256) }),
        response: { 200: MeItem, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      backoff.attempt(name, request.ip);
      const user = await state.users.verify(name, new Secret(password));
      if (user === undefined) throw new UnauthenticatedError("Name or password is wrong.");
      backoff.succeeded(name, request.ip);
      return signIn(request, reply, user);
    },
  );

  app.delete(
    "/api/v1/session",
    {
      config: { permission: "public" },
      schema: {
        summary: "Sign out; the session ends, its streams too",
        tags: ["Accounts"],
        response: { 204: z.null(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      if (request.identity?.credential.kind === "session") await state.sessions.remove(request.identity.credential.id);
      cookie.clear(reply);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/setup",
    {
      config: { permission: "public" },
      schema: {
        summary: "Make the first administrator, with the one-time link that the service printed",
        tags: ["Accounts"],
        body: z.strictObject({ token: z.string().min(1).max(200), name: AccountName, password: NewPassword }),
        response: { 201: MeItem, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { token, name, password } = request.body;
      backoff.attempt("(setup)", request.ip);
      if ((await state.users.list()).some((user) => user.name.toLowerCase() === name.toLowerCase())) throw nameTaken();
      if (!(await state.setupLinks.redeem(new Secret(token)))) {
        throw new ForbiddenError("This link was used or has expired; ask the service for a new one.");
      }
      backoff.succeeded("(setup)", request.ip);
      const user = await state.users.create({ name, password: new Secret(password), role: "admin", scope: everything });
      if (user === undefined) throw nameTaken();
      reply.code(201);
      return signIn(request, reply, user);
    },
  );
};

const nameTaken = (): HttpError => new HttpError(409, "There is a user with this name already; choose another.");
