// From what a server answered, or did not, to what follows from it.
import { describeError, SinkError } from "../../../lib/errors.ts";

/** Codes of a certificate that is not believed: waiting does not mend it. */
const trustCode = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS|DEPTH_ZERO|INVALID_CA/;

/**
 * 400, 413 and 422 are about the rows; 429, 408 and 5xx pass; everything else needs a person: the token, the bucket,
 * the address. A retention that is too short is a 400 that no halving mends.
 */
export function refusalOf(status: number, message: string): SinkError["refusal"] {
  if (/retention policy|outside .*retention/i.test(message)) return "person";
  if (status === 400 || status === 413 || status === 422) return "malformed";
  if (status === 408 || status === 429 || status >= 500) return "passing";
  return "person";
}

/** `retryAfter` is the header's value, in seconds; its other form, a date, is not worth a clock. */
export function errorOfAnswer(status: number, text: string, retryAfter?: unknown): SinkError {
  const message = messageOf(text);
  const hint = hintOf(status, message);
  return new SinkError(`${status}${message === "" ? "" : ` ${message}`}${hint}`, refusalOf(status, message), {
    retryAfterMs: retryAfterMs(retryAfter),
  });
}

export function errorOfTransport(error: unknown): SinkError {
  if (error instanceof SinkError) return error;
  const reason = reasonOf(error);
  if (trustCode.test(reason))
    return new SinkError(`Its certificate is not believed (${reason}): give ca_file.`, "person", { cause: error });
  return new SinkError(`It cannot be reached: ${reason}`, "passing", { cause: error });
}

function reasonOf(error: unknown): string {
  const { code } = (error instanceof Error ? error : {}) as { readonly code?: unknown };
  const words = describeError(error);
  const cause = (error as { readonly cause?: { readonly code?: unknown } } | null)?.cause?.code;
  return [words === "" ? "no answer" : words, ...[code, cause].filter((each) => typeof each === "string")].join(" ");
}

/** `{"error": …}` of 1 and 3, `{"code": …, "message": …}` of 2, or plain text. */
function messageOf(text: string): string {
  const plain = shortened(text.trim());
  try {
    const { message, error } = JSON.parse(text) as { readonly message?: unknown; readonly error?: unknown };
    return shortened([message, error].find((each): each is string => typeof each === "string") ?? plain);
  } catch {
    return plain;
  }
}

/** It quotes the line that it does not take, and says behind it why. */
const shortened = (text: string): string => (text.length <= 500 ? text : `${text.slice(0, 200)} … ${text.slice(-290)}`);

function hintOf(status: number, message: string): string {
  if (status === 401) return " (check its token, or user and password)";
  if (status === 403) return " (its token may not write to this bucket)";
  if (status >= 300 && status < 400) return " (it sends us elsewhere, and we do not follow: correct its url)";
  if (/retention policy/i.test(message)) return " (set retention of the sink to what the bucket keeps)";
  return "";
}

function retryAfterMs(header: unknown): number {
  const seconds = typeof header === "string" ? Number(header) : Number.NaN;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1000, 0), 600_000) : 0;
}
