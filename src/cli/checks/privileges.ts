// The token may read everything that is shown; what is missing is named with what is lost without it.
import type { PrivilegeCheck } from "../../pve/index.ts";
import { type Check, type ClusterProbe, eachCluster, type Finding, fail, ok, warn } from "../doctor.ts";

export const privileges: Check = {
  name: "privileges",
  summary: "The token has what each feature needs",
  async run(context) {
    const { checkPrivileges } = await import("../../pve/index.ts");
    return eachCluster(context, "see: pilothouse init", async (probe) => {
      const [version, permissions] = await Promise.all([probe.version(), probe.permissions()]);
      const checked = checkPrivileges(permissions, version.release);
      const missing = checked.filter(({ held }) => !held);
      if (missing.length === 0) return [ok(probe.settings.id, checked.map(({ privilege }) => privilege).join(", "))];
      return missing.map((each) => lacking(probe, each));
    });
  },
};

function lacking(
  { settings: { id, token } }: ClusterProbe,
  { privilege, path, needed, without, heldOn }: PrivilegeCheck,
): Finding {
  const elsewhere = heldOn.length === 0 ? "" : ` (held on ${heldOn.slice(0, 3).join(", ")} only)`;
  const message = `needs ${privilege} on ${path}${elsewhere}. ${without}`;
  const role = "PilothouseObserver";
  const fix = `pveum role modify ${role} --append --privs ${privilege}; pveum acl modify ${path} --tokens '${token.id}' --roles ${role}`;
  return (needed === "required" ? fail : warn)(id, message, fix);
}
