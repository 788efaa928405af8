// Requests to /api/v1. A failure is always an ApiError whose sentence can be shown to a person as it is.
import { underBase } from "./base-path.ts";

export class ApiError extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "ApiError";
    this.status = status;
  }
}

interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** The answer's JSON, or undefined for an empty answer. Throws ApiError; an abort throws the browser's AbortError. */
export async function callApi<T>(path: string, { method = "GET", body, signal }: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await send(underBase(`/api/v1${path}`), {
    method,
    headers,
    credentials: "same-origin",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  noteServerTime(response.headers.get("date"));
  const text = await response.text();
  if (!response.ok) throw new ApiError(sentenceOf(text, response.status), response.status);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("Pilothouse does not answer", 0, { cause: error });
  }
}

function sentenceOf(text: string, status: number): string {
  try {
    const { detail, title } = JSON.parse(text) as { readonly detail?: string; readonly title?: string };
    const sentence = detail ?? title;
    if (sentence !== undefined && sentence !== "") return sentence;
  } catch {
    // An answer that is not ours, for instance a proxy's page; its status is all that can be said.
  }
  return `the request failed with status ${status}`;
}

let serverAheadMs = 0;

/** Ages are told by the server's clock: a laptop that is minutes off must not make fresh values look stale. */
function noteServerTime(date: string | null): void {
  const serverMs = Date.parse(date ?? "");
  const ahead = serverMs - Date.now();
  // The header has whole seconds; less than two is only rounding and travel.
  if (!Number.isNaN(serverMs)) serverAheadMs = Math.abs(ahead) < 2000 ? 0 : ahead;
}

export const serverNow = (): number => Date.now() + serverAheadMs;

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

export const sentence = (error: unknown): string =>
  error instanceof Error ? error.message : "something went wrong in the page";
