// PVE's built-in roles, as far as this simulator checks them. Source: PVE::AccessControl's privilege groups.
import type { Release } from "./entities.ts";

const audit = ["Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"] as const;
const vmUser = [
  "VM.Audit",
  "VM.Backup",
  "VM.Config.CDROM",
  "VM.Config.Cloudinit",
  "VM.Console",
  "VM.PowerMgmt",
] as const;
const vmAdmin = [
  ...vmUser,
  "VM.Allocate",
  "VM.Clone",
  "VM.Config.CPU",
  "VM.Config.Disk",
  "VM.Config.HWType",
  "VM.Config.Memory",
  "VM.Config.Network",
  "VM.Config.Options",
  "VM.Migrate",
  "VM.Snapshot",
  "VM.Snapshot.Rollback",
] as const;
const admin = [
  ...vmAdmin,
  ...audit,
  "Group.Allocate",
  "Mapping.Use",
  "Datastore.Allocate",
  "Datastore.AllocateSpace",
  "Datastore.AllocateTemplate",
  "Pool.Allocate",
  "SDN.Allocate",
  "SDN.Use",
  "Sys.Console",
  "Sys.Syslog",
  "User.Modify",
] as const;
const administrator = [
  ...admin,
  "Mapping.Modify",
  "Permissions.Modify",
  "Realm.Allocate",
  "Realm.AllocateUser",
  "Sys.AccessNetwork",
  "Sys.Incoming",
  "Sys.Modify",
  "Sys.PowerMgmt",
] as const;

/** Privileges by role; 9 brought guest agent rights of their own, 8 had VM.Monitor. */
export function builtInRoles(release: Release): Map<string, ReadonlySet<string>> {
  const agent = release === "8.4" ? [] : ["VM.GuestAgent.Audit"];
  const monitor =
    release === "8.4"
      ? ["VM.Monitor"]
      : [
          "VM.GuestAgent.FileRead",
          "VM.GuestAgent.FileSystemMgmt",
          "VM.GuestAgent.FileWrite",
          "VM.GuestAgent.Unrestricted",
          "VM.Replicate",
        ];
  return new Map<string, ReadonlySet<string>>([
    ["PVEAuditor", new Set([...audit, ...agent])],
    ["PVEVMUser", new Set([...vmUser, ...agent])],
    ["PVEVMAdmin", new Set([...vmAdmin, ...agent, ...monitor])],
    ["PVEDatastoreUser", new Set(["Datastore.AllocateSpace", "Datastore.Audit"])],
    ["PVEPoolUser", new Set(["Pool.Audit"])],
    ["PVEAdmin", new Set([...admin, ...agent, ...monitor])],
    ["Administrator", new Set([...administrator, ...agent, ...monitor])],
    ["NoAccess", new Set<string>()],
  ]);
}
