// Who is signed in; opens to the form that changes their password.
import { useState } from "preact/hooks";
import { sentence } from "../api.ts";
import { textOf } from "../pages/login-page.tsx";
import { changePassword } from "../session.ts";
import { Menu } from "./menu.tsx";

export function UserMenu({ name, role }: { readonly name: string; readonly role: string }) {
  return (
    <Menu label={name}>
      <p class="dim">role: {role}</p>
      <PasswordForm />
    </Menu>
  );
}

function PasswordForm() {
  const [said, setSaid] = useState<{ readonly bad: boolean; readonly text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    const password = textOf(fields, "password");
    if (password !== textOf(fields, "repeat")) {
      setSaid({ bad: true, text: "The two new passwords differ" });
      return;
    }
    setBusy(true);
    try {
      await changePassword(textOf(fields, "current"), password);
      form.reset();
      setSaid({ bad: false, text: "Changed; your other sessions have ended" });
    } catch (error) {
      setSaid({ bad: true, text: sentence(error).replace(/\.$/, "") });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="password-form"
      aria-label="Change password"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <label>
        Current password
        <input name="current" type="password" autocomplete="current-password" required />
      </label>
      <label>
        New password
        <input name="password" type="password" autocomplete="new-password" minLength={10} required />
      </label>
      <label>
        New password again
        <input name="repeat" type="password" autocomplete="new-password" minLength={10} required />
      </label>
      {said !== null && (
        <p class={said.bad ? "form-problem" : "dim"} role={said.bad ? "alert" : "status"}>
          {said.text}.
        </p>
      )}
      <button type="submit" disabled={busy}>
        {busy ? "Changing…" : "Change password"}
      </button>
    </form>
  );
}
