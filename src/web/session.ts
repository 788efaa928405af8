// Who is looking, and at what kind of Pilothouse: /about, /me, logging in and out.
import { signal } from "@preact/signals";
import { ApiError, callApi, sentence } from "./api.ts";

interface About {
  readonly version: string;
  readonly demo: boolean;
  readonly simulated: boolean;
  readonly poll_period_seconds: number;
  readonly auth: { readonly anonymous_read: boolean; readonly setup_needed: boolean };
}

interface Me {
  readonly name: string;
  readonly kind: string;
  readonly role: string;
}

export const about = signal<About | null>(null);
export const me = signal<Me | null>(null);
/** checking: nothing known yet · in: may read · out: has to log in · failed: no answer. */
export const session = signal<
  { readonly at: "checking" | "in" | "out" } | { readonly at: "failed"; readonly message: string }
>({ at: "checking" });

/** Anonymous readers of the demo have a name, but nothing to log out of. */
export const isAnonymous = (reader: Me): boolean => reader.name === "anonymous";

/** Asks who we are. Never throws: the outcome is in `session`. */
export async function checkSession(): Promise<void> {
  try {
    about.value = await callApi<About>("/about");
    me.value = await callApi<Me>("/me");
    session.value = { at: "in" };
  } catch (error) {
    me.value = null;
    const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
    session.value = refused ? { at: "out" } : { at: "failed", message: sentence(error) };
  }
}

export async function logIn(name: string, password: string): Promise<void> {
  await callApi("/session", { method: "POST", body: { name, password } });
  await checkSession();
}

export async function logOut(): Promise<void> {
  await callApi("/session", { method: "DELETE" });
  me.value = null;
  await checkSession();
}

/** The other sessions of this user end; this one goes on. */
export async function changePassword(current: string, password: string): Promise<void> {
  await callApi("/session/password", { method: "POST", body: { current, password } });
}

/** Creates the first user with the one-time token and logs in. */
export async function setUp(token: string, name: string, password: string): Promise<void> {
  await callApi("/setup", { method: "POST", body: { token, name, password } });
  await checkSession();
  if (session.value.at !== "in" || (me.value !== null && isAnonymous(me.value))) await logIn(name, password);
}
