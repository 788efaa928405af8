// Runs `pveum` lines against the simulated cluster's users, roles and entries, as a shell on a node would.
import type { SimulatorState } from "../src/simulator/index.ts";

type Access = SimulatorState["access"];

export interface MadeToken {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** Returns the token that the lines made, if they made one. Throws for a line that pveum would refuse. */
export function runPveum(access: Access, lines: readonly string[]): MadeToken | undefined {
  let made: MadeToken | undefined;
  for (const line of lines.flatMap((each) => each.split("; "))) {
    const [program, area, action, ...rest] = wordsOf(line);
    if (program !== "pveum") throw new Error(`"${line}" does not run pveum`);
    made = runLine(access, `${area} ${action}`, rest, line) ?? made;
  }
  return made;
}

function runLine(access: Access, what: string, words: readonly string[], line: string): MadeToken | undefined {
  const { operands, options } = parsed(words);
  const [first = "", second = ""] = operands;
  switch (what) {
    case "role add":
      access.defineRole(first, list(options.get("privs")));
      return undefined;
    case "role modify":
      if (!options.has("append")) throw new Error(`"${line}" would take privileges away`);
      access.defineRole(first, [...access.privilegesOf(first), ...list(options.get("privs"))]);
      return undefined;
    case "user add":
      access.createUser({ user: first, password: "unused" });
      return undefined;
    case "user token":
      if (first !== "add") throw new Error(`"${line}" is not understood`);
      return addToken(access, operands, options.get("privsep") === "1");
    case "acl modify":
      for (const principal of [...list(options.get("users")), ...list(options.get("tokens"))]) {
        access.revoke(principal, first);
        access.grant({
          path: first,
          principal,
          role: options.get("roles") ?? "",
          propagate: options.get("propagate") !== "0",
        });
      }
      return undefined;
    default:
      throw new Error(`"${line}" is not understood (${second})`);
  }
}

function addToken(access: Access, [, user = "", token = ""]: readonly string[], privsep: boolean): MadeToken {
  return access.createToken({ user, token, privsep });
}

const list = (text: string | undefined): readonly string[] =>
  (text ?? "").split(/[\s,]+/).filter((word) => word !== "");

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");

const flags = new Set(["append"]);

function parsed(words: readonly string[]): { operands: readonly string[]; options: ReadonlyMap<string, string> } {
  const operands: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const name = word.startsWith("--") ? word.slice(2) : undefined;
    if (name === undefined) operands.push(word);
    else if (flags.has(name)) options.set(name, "");
    else options.set(name, words[++index] ?? "");
  }
  return { operands, options };
}
