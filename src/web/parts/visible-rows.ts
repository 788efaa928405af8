// Which rows of a long list are on screen, so that only they are drawn. Works whether the list or the page scrolls.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

export interface RowRange {
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
}

/** Rows drawn beyond the edges, so that a quick flick shows no blank. */
const spare = 12;

/** `body` holds the rows and has the full height; `frame` clips it (or not). */
export function useVisibleRows(
  frame: RefObject<HTMLElement | null>,
  body: RefObject<HTMLElement | null>,
  rowHeight: number,
  count: number,
): RowRange {
  const [range, setRange] = useState<RowRange>({ first: 0, last: 60 });
  const [printing, setPrinting] = useState(false);

  useLayoutEffect(() => {
    const measure = (): void => {
      if (frame.current === null || body.current === null) return;
      const clip = frame.current.getBoundingClientRect();
      const bodyTop = body.current.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor((Math.max(0, clip.top) - bodyTop) / rowHeight) - spare);
      const last = Math.min(count, Math.ceil((Math.min(innerHeight, clip.bottom) - bodyTop) / rowHeight) + spare);
      setRange((known) =>
        known.first === first && known.last === last ? known : { first, last: Math.max(first, last) },
      );
    };
    measure();
    // Captured: scrolling does not bubble, and either the list or the page may scroll.
    addEventListener("scroll", measure, { capture: true, passive: true });
    addEventListener("resize", measure);
    const resized = new ResizeObserver(measure);
    resized.observe(document.documentElement);
    return () => {
      removeEventListener("scroll", measure, { capture: true });
      removeEventListener("resize", measure);
      resized.disconnect();
    };
  }, [frame, body, rowHeight, count]);

  useEffect(() => {
    const before = (): void => setPrinting(true);
    const after = (): void => setPrinting(false);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);

  return printing
    ? { first: 0, last: count }
    : { first: Math.min(range.first, count), last: Math.min(range.last, count) };
}
