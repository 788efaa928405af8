// A copy of the state database as it is at one moment, while it is in use.
import { chmodSync, existsSync, rmSync } from "node:fs";
import Database from "libsql";

/** False when there is no state database yet. */
export function backupState(path: string, target: string): boolean {
  if (!existsSync(path)) return false;
  rmSync(target, { force: true });
  const database = new Database(path);
  try {
    database.exec(`pragma busy_timeout = 5000; vacuum into '${target.replaceAll("'", "''")}'`);
  } finally {
    database.close();
  }
  chmodSync(target, 0o600);
  return true;
}
