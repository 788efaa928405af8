// The token may read everything that is shown; what is missing is named with what is lost without it.
import { accountOf } from "../../config/settings.ts";
import type { PrivilegeCheck } from "../../pve/index.ts";
import { type Check, type ClusterProbe, eachCluster, type Finding, fail, ok, warn } from "../doctor.ts";
import { roleName } from "../init/role-name.ts";

export const privileges: Check = {
  name: "privileges",
  summary: "The token has what each feature needs",
  async run(context) {
    const { checkPrivileges, grantLines, nameOf } = await import("../../pve/index.ts");
    return eachCluster(context, "see: pilothouse init", async (probe) => {
      const [version, permissions] = await Promise.all([probe.version(), probe.permissions()]);
      const checked = checkPrivileges(permissions, version.release);
      const missing = checked.filter(({ held }) => !held);
      if (missing.length === 0) return [ok(probe.settings.id, checked.map(nameOf).join(", "))];
      return missing.map((each) => lacking(probe, each, nameOf(each), grantLines));
    });
  },
};

function lacking(
  { settings: { id, access } }: ClusterProbe,
  check: PrivilegeCheck,
  name: string,
  grantLines: (account: string, role: string, missing: readonly PrivilegeCheck[]) => readonly string[],
): Finding {
  const { needed, without, heldOn, concernsAll } = check;
  const elsewhere = heldOn.length === 0 || !concernsAll ? "" : ` (held on ${heldOn.slice(0, 3).join(", ")} only)`;
  const fix = grantLines(accountOf(access), roleName, [check]).join("; ");
  return (needed === "required" && concernsAll ? fail : warn)(id, `needs ${name}${elsewhere}. ${without}`, fix);
}
