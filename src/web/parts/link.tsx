// A link to a page of ours: an ordinary link that opens without loading the page anew.
import type { ComponentChildren } from "preact";
import { underBase } from "../base-path.ts";
import { go, isPlainClick, linkTo } from "../location.ts";

interface LinkProps {
  readonly to: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly title?: string;
  readonly tabIndex?: number;
  readonly current?: boolean;
}

export function Link({ to, children, title, tabIndex, current, ...rest }: LinkProps) {
  const target = to.includes("?") ? to : linkTo(to);
  const open = (event: MouseEvent): void => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    go(target);
  };
  return (
    <a
      href={underBase(target)}
      class={rest.class}
      title={title}
      tabIndex={tabIndex}
      aria-current={current === true ? "page" : undefined}
      onClick={open}
    >
      {children}
    </a>
  );
}
