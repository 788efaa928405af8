// The keys and the words of the filter box, on `?`.
import { useEffect, useRef } from "preact/hooks";
import { helpOpen, keyTable } from "../keyboard.ts";
import { about } from "../session.ts";

const filterTable = [
  ["web prod", "both words in name, id, tag, node or pool"],
  ["tag:db", "guests with such a tag"],
  ["node:pve1", "what is on this node"],
  ["status:stopped", "by PVE's status word"],
  ["type:ct", "vm, ct, node, storage, template, nfs …"],
  ["pool:prod", "guests of this pool"],
] as const;

export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal();
    else if (!open) dialog.current?.close();
  }, [open]);
  const close = (): void => {
    helpOpen.value = false;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={dialog}
      aria-labelledby="help-title"
      onClose={close}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2 id="help-title">Keys</h2>
          <button type="button" class="plain" onClick={close}>
            close
          </button>
        </header>
        <Pairs pairs={keyTable} />
        <h2>Filter words</h2>
        <Pairs pairs={filterTable} />
        <p class="dim">
          The address holds the whole view: copy it to show somebody the same. Add <code>?kiosk=1</code> for a screen on
          a wall.
        </p>
        <p class="dim">Pilothouse {about.value?.version ?? ""}</p>
      </div>
    </dialog>
  );
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(([key, what]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}
