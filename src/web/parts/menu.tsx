// A small panel that opens under a word and closes on Escape or a click elsewhere.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export function Menu({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      const element = menu.current;
      if (element === null || !element.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        element.querySelector("summary")?.focus();
      } else if (event.target instanceof Node && element.contains(event.target)) return;
      element.open = false;
    };
    // Captured, so that Escape closes the menu and does not also leave the page.
    addEventListener("keydown", close, true);
    addEventListener("pointerdown", close, true);
    return () => {
      removeEventListener("keydown", close, true);
      removeEventListener("pointerdown", close, true);
    };
  }, []);
  return (
    <details class="menu" ref={menu}>
      <summary>{label}</summary>
      <div class="menu-panel">{children}</div>
    </details>
  );
}
