// From the bytes of an answer to data, or to the error that says what happens next. Pure, so that it can be measured and
// tested without a socket.
import { PilothouseError } from "../lib/errors.ts";
import {
  PveAnswerError,
  PveAuthError,
  type PveError,
  type PveErrorContext,
  PvePermissionError,
  PveRefusedError,
  PveUnreachableError,
} from "./errors.ts";
import { isRecord, printable } from "./read.ts";
import type { AnswerReader } from "./request.ts";

interface Where {
  readonly endpoint: string;
  readonly path: string;
}

export interface AnswerParts extends Where {
  readonly status: number;
  readonly reason: string;
  readonly contentType: string;
  readonly body: Buffer;
}

const nowhere: Where = { endpoint: "the server", path: "the call" };

/** What a 200's body holds, as the reader makes it. Throws a PveAnswerError when the body is something else. */
export function parseAnswer<T>(body: Buffer, { read, readBytes }: AnswerReader<T>, where: Where = nowhere): T {
  const scanned = readBytes?.(body);
  if (scanned !== undefined) return scanned;
  const answer = parseJson(body, where);
  if (!isRecord(answer) || !("data" in answer)) throw wrong(where, "JSON without data");
  try {
    return read(answer["data"]);
  } catch (error) {
    if (error instanceof PilothouseError) throw error;
    throw wrong(where, `data of another shape: ${error instanceof Error ? error.message : "unreadable"}`, error);
  }
}

/** Throws the error that a status or a content type stands for; returns when the body is worth parsing. */
export function checkStatus(answer: AnswerParts): void {
  const { status, contentType, body } = answer;
  if (status < 200 || status >= 300) throw errorOf(answer);
  const looksLikeHtml = body.subarray(0, 256).toString().trimStart().startsWith("<");
  if (looksLikeHtml || /html/i.test(contentType)) throw wrong(answer, htmlPage(body));
}

/** The error for an answer that is no success. */
export function errorOf(answer: AnswerParts): PveError {
  const { endpoint, path, status } = answer;
  const said = textOf(answer);
  const context = { endpoint, path, pveStatus: status };
  if (status === 401) return authError(said, context);
  if (status === 403) return permissionError(said, context);
  if (status >= 595 && status <= 599) {
    const message = `${endpoint} could not reach the node that ${path} is about (${status} ${said}); check that node and its pveproxy.`;
    return new PveUnreachableError(message, { ...context, stage: "forward" });
  }
  const remedy = status >= 300 && status < 400 ? "; is there a proxy between?" : "";
  return new PveRefusedError(`${endpoint} refused ${path}: ${status} ${said}${remedy}`, { ...context, text: said });
}

function authError(said: string, context: PveErrorContext): PveAuthError {
  return new PveAuthError(
    `${context.endpoint} refused the token (401 ${said}): it is wrong, has expired or was deleted; make a new one and put its secret into the configuration.`,
    { ...context, text: said },
  );
}

/** PVE says "Permission check failed (/vms/100, VM.Audit|VM.Config.Options)". */
function permissionError(said: string, context: PveErrorContext): PvePermissionError {
  const [, objectPath, privilege] = /\((\/[^,()\s]*),\s*([^()]+)\)/.exec(said) ?? [];
  const what = privilege === undefined || objectPath === undefined ? "a privilege" : `${privilege} on ${objectPath}`;
  return new PvePermissionError(
    `The token lacks ${what} for ${context.path ?? "the call"} at ${context.endpoint} (403 ${said}): give it to both the token and its user.`,
    { ...context, privilege, objectPath },
  );
}

/** What PVE says went wrong: `message` and `errors` of the body (since 9, or for parameters), else the reason phrase. */
function textOf({ reason, body, contentType }: AnswerParts): string {
  const fields = /json/i.test(contentType) ? quietlyParsed(body) : undefined;
  const message = isRecord(fields) && typeof fields["message"] === "string" ? fields["message"] : reason;
  const errors = isRecord(fields) && isRecord(fields["errors"]) ? Object.entries(fields["errors"]) : [];
  const details = errors.map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const said = printable([message.trim(), ...details].filter((part) => part !== "").join("; "), 500);
  return said === "" ? "no reason given" : said;
}

function quietlyParsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function parseJson(body: Buffer, where: Where): unknown {
  const json = body.toString();
  try {
    return JSON.parse(json);
  } catch (error) {
    throw wrong(where, whatIsIt(json, body, error), error);
  }
}

function whatIsIt(json: string, body: Buffer, error: unknown): string {
  const start = json.trimStart();
  if (start === "") return "an empty body";
  if (start.startsWith("<")) return htmlPage(body);
  const reason = error instanceof Error ? error.message : "";
  if (/end of JSON|Unterminated/i.test(reason)) return `JSON that was cut off after ${body.length} bytes`;
  if (/[:[,]\s*-?(NaN|Infinity)\b/.test(json)) return "JSON with NaN or Infinity in it";
  return `something that is not JSON ("${printable(json, 60)}")`;
}

function htmlPage(body: Buffer): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(body.subarray(0, 8192).toString())?.[1];
  return title === undefined ? "an HTML page" : `an HTML page ("${printable(title, 60)}")`;
}

const wrong = ({ endpoint, path }: Where, what: string, cause?: unknown): PveAnswerError =>
  new PveAnswerError(`${endpoint} answered ${path} with ${what}; check that a Proxmox VE API answers there.`, {
    endpoint,
    path,
    cause,
  });
