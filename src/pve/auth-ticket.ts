// A user's password, turned into a ticket: the fallback where there is no API token. A ticket is good for two hours; it
// is renewed after one. After a 401 there is one new sign-in; the next one comes a minute later at the earliest, because
// directories lock accounts that fail too often.
import type { Clock } from "../lib/clock.ts";
import { ConfigError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import type { Credential, ProofHeaders, SignIn, SignInAnswer } from "./auth-credential.ts";
import { PveAnswerError, PveAuthError } from "./errors.ts";
import { flag, isRecord, name } from "./read.ts";

export interface Login {
  /** user@realm */
  readonly user: string;
  readonly password: Secret;
}

interface Ticket {
  readonly value: Secret;
  readonly csrfToken: Secret;
  /** By the monotonic clock. */
  readonly since: number;
}

const renewAfterMs = 60 * 60_000;
/** An expired ticket in place of the password is a wrong password to PVE: it is only offered well before that. */
const offerTicketUntilMs = 110 * 60_000;
const expiresAfterMs = 120 * 60_000;
const pauseMs = 60_000;

export class TicketCredential implements Credential {
  readonly #login: Login;
  readonly #clock: Clock;
  #ticket: Ticket | null = null;
  #signingIn: Promise<void> | null = null;
  /** After a 401 that a new sign-in may not have mended. */
  #noSignInUntil = Number.NEGATIVE_INFINITY;
  #wasRefused = false;
  #refusal: PveAuthError | null = null;
  #noRenewalUntil = Number.NEGATIVE_INFINITY;

  /** Throws a ConfigError that never shows the password. */
  constructor(login: Login, clock: Clock) {
    if (!/^[^\s:/!]+@[A-Za-z][\w.-]*$/.test(login.user)) {
      throw new ConfigError(`"${login.user}" is no user: it looks like name@realm, for instance pilothouse@pve.`);
    }
    if (login.password.reveal() === "") throw new ConfigError(`The password of ${login.user} is empty.`);
    this.#login = login;
    this.#clock = clock;
  }

  get account(): string {
    return this.#login.user;
  }

  async prepare(signIn: SignIn): Promise<void> {
    if (this.#ticket === null) await this.#once(() => this.#signInAnew(signIn));
    else if (this.#isDue(this.#ticket)) await this.#once(() => this.#renewInTime(signIn));
  }

  prove(method: "GET" | "POST"): ProofHeaders {
    if (this.#ticket === null) return {};
    const { value, csrfToken } = this.#ticket;
    const cookie = `PVEAuthCookie=${encodeURIComponent(value.reveal())}`;
    return method === "GET" ? { cookie } : { cookie, csrfpreventiontoken: csrfToken.reveal() };
  }

  async renew(headers: ProofHeaders, signIn: SignIn): Promise<boolean> {
    // Several calls met the same 401; one of them has seen to it already.
    if (this.#ticket !== null && this.prove("GET")["cookie"] !== headers["cookie"]) return true;
    if (this.#signingIn !== null) {
      await this.#signingIn;
      return true;
    }
    this.#ticket = null;
    this.#wasRefused = true;
    if (this.#clock.monotonic() < this.#noSignInUntil) return false;
    await this.#once(() => this.#signInAnew(signIn));
    return true;
  }

  refused(error: PveAuthError): PveAuthError {
    const { user } = this.#login;
    this.#ticket = null;
    if (error.isExplained) return error;
    const message = `${error.endpoint} refused ${user} (401 ${error.text}): check the password, and that the user is enabled; better, make an API token.`;
    this.#refusal = new PveAuthError(message, { ...contextOf(error), isExplained: true });
    return this.#refusal;
  }

  #isDue({ since }: Ticket): boolean {
    const now = this.#clock.monotonic();
    return now - since >= renewAfterMs && now >= this.#noRenewalUntil;
  }

  /** However many calls wait for a ticket, one sign-in gets it. */
  async #once(run: () => Promise<void>): Promise<void> {
    this.#signingIn ??= run().finally(() => {
      this.#signingIn = null;
    });
    await this.#signingIn;
  }

  async #signInAnew(signIn: SignIn): Promise<void> {
    const now = this.#clock.monotonic();
    if (this.#refusal !== null && now < this.#noSignInUntil) throw this.#refusal;
    if (this.#wasRefused) this.#noSignInUntil = now + pauseMs;
    try {
      await this.#take(signIn, this.#login.password);
    } catch (error) {
      if (error instanceof PveAuthError) {
        this.#wasRefused = true;
        this.#noSignInUntil = now + pauseMs;
      }
      throw error;
    }
  }

  /** The old ticket still holds: a cluster that cannot be reached now is asked again a minute later. */
  async #renewInTime(signIn: SignIn): Promise<void> {
    const held = this.#ticket;
    const now = this.#clock.monotonic();
    if (held === null) return;
    this.#noRenewalUntil = now + pauseMs;
    const ageMs = now - held.since;
    try {
      await this.#take(signIn, ageMs < offerTicketUntilMs ? held.value : this.#login.password);
    } catch (error) {
      if (error instanceof PveAuthError && ageMs < offerTicketUntilMs) await this.#signInAnew(signIn);
      else if (error instanceof PveAuthError || ageMs >= expiresAfterMs) throw error;
    }
  }

  async #take(signIn: SignIn, password: Secret): Promise<void> {
    const since = this.#clock.monotonic();
    const answer = await signIn({ username: this.#login.user, password });
    this.#ticket = { ...this.#ticketFrom(answer), since };
  }

  #ticketFrom({ data, endpoint }: SignInAnswer): Omit<Ticket, "since"> {
    const context = { endpoint, path: "/access/ticket" };
    const fields = isRecord(data) ? data : {};
    if (flag(fields["NeedTFA"]) === true) {
      const message = `${this.#login.user} needs a second factor to sign in at ${endpoint}, and nobody is here to give it: use an API token, which needs none.`;
      throw new PveAuthError(message, { ...context, text: "second factor needed", isExplained: true });
    }
    const [ticket, csrfToken] = [name(fields["ticket"]), name(fields["CSRFPreventionToken"])];
    if (ticket === undefined || csrfToken === undefined) {
      throw new PveAnswerError(
        `${endpoint} let ${this.#login.user} in, but gave no ticket; is it Proxmox VE?`,
        context,
      );
    }
    return { value: new Secret(ticket), csrfToken: new Secret(csrfToken) };
  }
}

const contextOf = ({ endpoint, path, pveStatus, text, cause }: PveAuthError) => ({
  endpoint,
  path,
  text,
  cause,
  ...(pveStatus === undefined ? {} : { pveStatus }),
});
