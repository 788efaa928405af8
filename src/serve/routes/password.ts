// POST /api/v1/session/password: who is signed in changes their password. Their other sessions end.
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { Secret } from "../../lib/secret.ts";
import { LoginBackoff } from "../auth/login-backoff.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { HttpError } from "../http/http-error.ts";
import { principalOf } from "../http/permissions.ts";
import { NewPassword } from "../items/account-items.ts";

export const password: Routes = (app, { state, clock }) => {
  // Also a browser that somebody left open must not be a place to try passwords in.
  const backoff = new LoginBackoff(clock);

  app.post(
    "/api/v1/session/password",
    {
      config: { permission: "fleet:read" },
      schema: {
        summary: "Change the password of who is signed in; their other sessions end",
        tags: ["Accounts"],
        body: z.strictObject({ current: z.string().min(1).max(256), password: NewPassword }),
        response: { 204: z.null(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { current, password: wanted } = request.body;
      const session = sessionOf(request);
      const { name } = principalOf(request);
      backoff.attempt(name, request.ip);
      const user = await state.users.verify(name, new Secret(current));
      // Not 401, which would tell the page that nobody is signed in.
      if (user === undefined) throw new HttpError(422, "The current password is wrong.");
      backoff.succeeded(name, request.ip);
      if (wanted === current) throw new HttpError(422, "The new password is the same as the current one.");
      await state.users.changePassword(user.id, new Secret(wanted), session);
      return reply.code(204).send(null);
    },
  );
};

/** An API token has no password, and may not change that of the user who made it. */
function sessionOf(request: FastifyRequest): string {
  const credential = request.identity?.credential;
  if (credential?.kind === "session") return credential.id;
  throw new HttpError(422, "Only a user who is signed in has a password to change.");
}
