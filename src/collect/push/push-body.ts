// What somebody pushes: the bytes as they came, and how they are to be read. It passes from thread to thread.
import { gunzipSync } from "node:zlib";
import type { PushRequest } from "../../model/push.ts";

/** Nothing that is larger once it is inflated is looked at. */
const mostBytes = 64 * 2 ** 20;

interface Refusal {
  readonly outcome: "too-large" | "malformed";
  readonly sentence: string;
}
export type BodyText = { readonly text: string } | Refusal;

/** Inflates and decodes a body. */
export function textOf({ body, gzipped }: Pick<PushRequest, "body" | "gzipped">): BodyText {
  const bytes = gzipped ? inflated(body) : new Uint8Array(body);
  if ("outcome" in bytes) return bytes;
  if (bytes.length > mostBytes) return tooLarge;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { outcome: "malformed", sentence: "The body is not valid UTF-8; send the lines as text in UTF-8." };
  }
}

const tooLarge: Refusal = {
  outcome: "too-large",
  sentence: `The body is larger than ${mostBytes / 2 ** 20} MiB once inflated; let Proxmox VE send smaller ones ("Max body size").`,
};

function inflated(body: ArrayBuffer): Uint8Array | Refusal {
  try {
    return gunzipSync(new Uint8Array(body), { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return tooLarge;
    return { outcome: "malformed", sentence: "The body says that it is gzip, and cannot be inflated." };
  }
}
