// Tickets and CSRF prevention tokens as PVE makes them: signed, with the time in them, good for two hours. The time is
// the cluster's virtual one.
import { createHmac } from "node:crypto";

export interface Ticket {
  readonly ticket: string;
  readonly csrfToken: string;
}

/** Seconds that a ticket is good for, and how far in the future it may have been made by a node whose clock is ahead. */
const lifetimeS = 7200;
const graceS = 300;
const tfaPrefix = "!tfa!";

export class Tickets {
  readonly #seed: number;
  #keys = 0;
  #csrfKeys = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  issue(user: string, nowS: number): Ticket {
    return { ticket: this.#sign(user, nowS), csrfToken: this.#csrf(user, hexTime(nowS)) };
  }

  /** The ticket with which a second factor is answered; it opens nothing else. */
  issueChallenge(nowS: number): string {
    return this.#sign(`${tfaPrefix}${encodeURIComponent('{"totp":true}')}`, nowS);
  }

  /** The user of a ticket that is good now. */
  userOf(ticket: string, nowS: number): string | undefined {
    const [, user = "", time = ""] = /^PVE:(\S+):([0-9A-F]{8})::[^:\s]+$/.exec(ticket) ?? [];
    if (user === "" || user.startsWith(tfaPrefix) || !isFresh(time, nowS)) return undefined;
    return this.#sign(user, Number.parseInt(time, 16)) === ticket ? user : undefined;
  }

  isCsrfToken(user: string, token: string | undefined, nowS: number): boolean {
    const time = /^([0-9A-F]{8}):/.exec(token ?? "")?.[1] ?? "";
    return isFresh(time, nowS) && this.#csrf(user, time) === token;
  }

  /** As when the signing key is made anew: every ticket of before is refused. */
  replaceKey(): void {
    this.#keys++;
  }

  /** As when only /etc/pve/pve-www.key is made anew: tickets stay good, changes are refused. */
  replaceCsrfKey(): void {
    this.#csrfKeys++;
  }

  #sign(data: string, nowS: number): string {
    const plain = `PVE:${data}:${hexTime(nowS)}`;
    return `${plain}::${this.#digest(`ticket ${this.#keys}`, plain)}`;
  }

  #csrf(user: string, time: string): string {
    return `${time}:${this.#digest(`csrf ${this.#csrfKeys}`, `${time}:${user}`)}`;
  }

  /** The keys follow from the seed: they open nothing but this simulator. */
  #digest(purpose: string, text: string): string {
    return createHmac("sha256", `${this.#seed} ${purpose}`).update(text).digest("base64");
  }
}

const hexTime = (nowS: number): string => Math.floor(nowS).toString(16).toUpperCase().padStart(8, "0");

function isFresh(time: string, nowS: number): boolean {
  const ageS = nowS - Number.parseInt(time, 16);
  return ageS > -graceS && ageS < lifetimeS;
}
