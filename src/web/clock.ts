// The present moment as a signal that moves once a second, by the server's clock; ages read it.
import { signal } from "@preact/signals";
import { serverNow } from "./api.ts";

export const now = signal(serverNow());

setInterval(() => {
  // Nobody reads ages in a hidden tab.
  if (!document.hidden) now.value = serverNow();
}, 1000);

document.addEventListener("visibilitychange", () => {
  now.value = serverNow();
});
