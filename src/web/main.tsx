// Begins the page.
import { render } from "preact";
import { App } from "./app.tsx";
import { listenToKeys } from "./keyboard.ts";
import { checkSession } from "./session.ts";

const page = document.getElementById("page");
if (page !== null) render(<App />, page);
listenToKeys();
void checkSession();
