// Name and password. Also says what to do when nobody has been set up yet.
import { useState } from "preact/hooks";
import { ApiError, sentence } from "../api.ts";
import { go, linkTo, path } from "../location.ts";
import { about, logIn, session } from "../session.ts";

export function LoginPage() {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    setBusy(true);
    try {
      await logIn(textOf(fields, "name"), textOf(fields, "password"));
      if (session.value.at === "in" && path.value === "/login") go(linkTo("/"));
    } catch (error) {
      setProblem(error instanceof ApiError && error.status === 401 ? "Name or password is wrong" : sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="panel card"
      aria-labelledby="login-title"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <h1 id="login-title">Log in to Pilothouse</h1>
      {about.value?.auth.setup_needed === true && (
        <p class="dim">
          Nobody can log in yet: open the one-time link that Pilothouse printed when it started (also in its journal) to
          create the first user.
        </p>
      )}
      <label>
        Name
        <input name="name" autocomplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      {problem !== null && (
        <p class="form-problem" role="alert">
          {problem}.
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? "Logging in…" : "Log in"}
      </button>
    </form>
  );
}

export function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}
