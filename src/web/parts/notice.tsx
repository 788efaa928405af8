// What a panel says instead of data: loading, nothing yet, or an error with what to do.
import type { ComponentChildren } from "preact";

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="notice loading" role="status">
      Loading {what}…
    </p>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="notice" role="status">
      {children}
    </p>
  );
}

interface FailedProps {
  readonly what: string;
  readonly message: string;
  readonly retry: () => void;
}

export function Failed({ what, message, retry }: FailedProps) {
  return (
    <div class="notice failed" role="alert">
      <p>
        <strong>{what} could not be loaded:</strong> {message}.
      </p>
      <p>
        It is tried again by itself. If it stays, look at the log of Pilothouse or run <code>pilothouse doctor</code>.{" "}
        <button type="button" class="plain" onClick={retry}>
          try now
        </button>
      </p>
    </div>
  );
}
