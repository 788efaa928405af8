// How we prove to a cluster who we are. Two ways: an API token, and a user's password that buys a ticket.
import type { PveAuthError } from "./errors.ts";
import type { Parameters } from "./path.ts";

export type ProofHeaders = Readonly<Record<string, string>>;

/** One POST /access/ticket, within the budget, at the endpoint that the call goes to; gives `data` of the answer. */
export type SignIn = (form: Parameters) => Promise<SignInAnswer>;

export interface SignInAnswer {
  readonly data: unknown;
  readonly endpoint: string;
}

export interface Credential {
  /** Who we are to the cluster: user@realm!token, or user@realm. */
  readonly account: string;
  /** Makes sure that `prove` has something to give. Throws a PveAuthError, or what keeps the cluster from answering. */
  prepare(signIn: SignIn): Promise<void>;
  /** The headers of a call that goes out now. */
  prove(method: "GET" | "POST"): ProofHeaders;
  /** `headers` were answered with 401. True when there are newer ones by now, so that the call may go out once more. */
  renew(headers: ProofHeaders, signIn: SignIn): Promise<boolean>;
  /** A 401 that stays: forgets what was refused, and puts into words what to do about it. */
  refused(error: PveAuthError): PveAuthError;
}
