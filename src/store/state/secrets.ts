// Random secrets and what is kept of them. A secret of 256 random bits needs no slow hash: it cannot be guessed, so
// SHA-256 is enough to make a stolen database useless.
import { createHash, randomBytes } from "node:crypto";
import { Secret } from "../../lib/secret.ts";
import type { SecretText } from "../../model/accounts.ts";

export type RandomBytes = (size: number) => Buffer;

export const systemRandom: RandomBytes = randomBytes;

/** 256 bits, in the letters that URLs and headers take. */
export const newSecret = (random: RandomBytes, prefix = ""): Secret =>
  new Secret(prefix + random(32).toString("base64url"));

/** 96 bits; ids are unique, not secret. */
export const newId = (random: RandomBytes): string => random(12).toString("hex");

export const hashSecret = (secret: SecretText): string => createHash("sha256").update(secret.reveal()).digest("hex");
