// The first user, by the one-time link `/setup#token=…`. The token is after the `#`, so that no server log has it.
import { useState } from "preact/hooks";
import { sentence } from "../api.ts";
import { go } from "../location.ts";
import { setUp } from "../session.ts";
import { textOf } from "./login-page.tsx";

const leastPasswordLength = 12;

export function SetupPage() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    const password = textOf(fields, "password");
    if (password !== textOf(fields, "repeat")) {
      setProblem("The two passwords differ");
      return;
    }
    setBusy(true);
    try {
      await setUp(token, textOf(fields, "name"), password);
      history.replaceState(null, "", location.pathname);
      go("/");
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  if (token === "") {
    return (
      <section class="panel card" aria-label="Set up">
        <h1>This link is incomplete</h1>
        <p class="dim">
          Open the whole one-time link that Pilothouse printed when it started; it ends in #token=… A new one is printed
          at each start until a user exists.
        </p>
      </section>
    );
  }
  return (
    <form
      class="panel card"
      aria-labelledby="setup-title"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <h1 id="setup-title">Create the first user</h1>
      <p class="dim">This user may do everything, and creates the others.</p>
      <label>
        Name
        <input name="name" autocomplete="username" required maxLength={64} />
      </label>
      <label>
        Password, at least {leastPasswordLength} characters
        <input name="password" type="password" autocomplete="new-password" required minLength={leastPasswordLength} />
      </label>
      <label>
        Password again
        <input name="repeat" type="password" autocomplete="new-password" required />
      </label>
      {problem !== null && (
        <p class="form-problem" role="alert">
          {problem}.
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? "Creating…" : "Create and log in"}
      </button>
    </form>
  );
}
