// Whether a listing can be believed to be complete. PVE answers missing rights with shorter lists, not with errors; a
// token that loses a role must not look like a cluster whose guests were all deleted.
import { createHash } from "node:crypto";
import { checkPrivileges, type Permissions, type PrivilegeCheck } from "../pve/index.ts";

export interface RightsVerdict {
  /** True when everything that exists is listed, or at least all that was listed before. */
  readonly complete: boolean;
  /** Required privileges that are missing, and on which paths. */
  readonly missing: readonly PrivilegeCheck[];
  /** True when the rights are others than those that the last complete listing was made with. */
  readonly changed: boolean;
  /** To be kept with the next batch (see rightsMark), when complete. */
  readonly print: number;
}

/** The store's mark that holds the print of the rights of the last complete listing. */
export const rightsMark = "rights";

/** `reference`: the print kept earlier; undefined at first contact, when whatever we may see is the whole for us. */
export function judgeRights(permissions: Permissions, release: string, reference: number | undefined): RightsVerdict {
  const print = printOf(permissions);
  const missing = checkPrivileges(permissions, release).filter((check) => check.needed === "required" && !check.held);
  const changed = reference !== undefined && reference !== print;
  return { complete: missing.length === 0 || !changed, missing, changed, print };
}

/** 48 bits of a hash: marks are numbers. */
function printOf(permissions: Permissions): number {
  const lines = [...permissions].flatMap(([path, held]) =>
    [...held].map(([privilege, propagates]) => `${path} ${privilege} ${propagates}`),
  );
  return createHash("sha256").update(lines.sort().join("\n")).digest().readUIntBE(0, 6);
}
