// Takes out of a text what must not leave the machine: secrets, and by default the names of guests.
import { createHash } from "node:crypto";

/** Any text in, the same text without what is hidden out. */
export type Hide = (text: string) => string;

/** Whatever looks like a way in is hidden, also one that is not configured (any more). */
const waysIn: readonly (readonly [RegExp, string])[] = [
  [/(PVEAPIToken[= ][^=\s"]+=)[^\s"]+/g, "$1[redacted]"],
  [/PVE:[^\s"]+?:[0-9A-F]{8}::[A-Za-z0-9+/=%]+/g, "[redacted]"],
  [/\b[0-9A-F]{8}:[A-Za-z0-9+/]{27,}={0,2}/g, "[redacted]"],
  [/(\/setup#token=)[^\s"]+/g, "$1[redacted]"],
  [/("?(?:password|secret|authorization|cookie)"?\s*[:=]\s*"?)(?!\[redacted\])[^\s",}]+/gi, "$1[redacted]"],
];

export function hideSecrets(secrets: readonly string[]): Hide {
  // The longest first, so that one that is part of another leaves nothing of it.
  const known = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let hidden = text;
    for (const secret of known) hidden = hidden.replaceAll(secret, "[redacted]");
    for (const [pattern, replacement] of waysIn) hidden = hidden.replace(pattern, replacement);
    return hidden;
  };
}

/**
 * Each name becomes `guest-` and eight digits of its hash, the same within one bundle. `salt` is the bundle's own, so
 * that nobody can try out likely names.
 */
export function hideNames(names: readonly string[], salt: string): Hide {
  const known = new Set(names.map((name) => name.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "")));
  known.delete("");
  const mostWords = Math.max(0, ...[...known].map((name) => wordsOf(name).length));
  return (text) => withoutNames(text, known, mostWords, salt);
}

/** At each word the longest name that begins there, so that "web-01" is not taken for "web". */
function withoutNames(text: string, known: ReadonlySet<string>, mostWords: number, salt: string): string {
  const words = wordsOf(text);
  let result = "";
  let from = 0;
  for (let index = 0; index < words.length; index++) {
    for (let count = Math.min(mostWords, words.length - index); count > 0; count--) {
      const [begin, end] = [words[index]?.begin ?? 0, words[index + count - 1]?.end ?? 0];
      const name = text.slice(begin, end);
      if (!known.has(name)) continue;
      result += `${text.slice(from, begin)}guest-${hashOf(salt, name)}`;
      from = end;
      index += count - 1;
      break;
    }
  }
  return result + text.slice(from);
}

const wordsOf = (text: string): readonly { readonly begin: number; readonly end: number }[] =>
  [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ 0: word, index }) => ({ begin: index, end: index + word.length }));

const hashOf = (salt: string, name: string): string =>
  createHash("sha256").update(`${salt} ${name}`).digest("hex").slice(0, 8);
