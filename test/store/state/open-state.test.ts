import { statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/lib/errors.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { everything } from "../../../src/model/access.ts";
import { openState } from "../../../src/store/state/index.ts";
import { schemaVersion } from "../../../src/store/state/migrations.ts";
import { aFolder, aState, setClock } from "./state-fixture.ts";

const refusal = async (path: string): Promise<StoreError> => {
  const error: unknown = await openState({ path, clock: setClock() }).then(
    (state) => state.close(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
};

describe("the state database", () => {
  it("is a file that only its owner can read, its write-ahead log too", async () => {
    const { path } = await aState();

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  });

  it("keeps what it holds when it is opened again", async () => {
    const first = await aState();
    await first.users.create({ name: "ann", password: new Secret("correct horse"), role: "admin", scope: everything });
    await first.close();

    const second = await aState({ path: first.path });

    expect((await second.users.list()).map((user) => user.name)).toEqual(["ann"]);
  });

  it("is in write-ahead mode", async () => {
    const { path, close } = await aState();
    await close();

    const file = new Database(path);
    const mode = file.prepare("pragma journal_mode").all();
    file.close();

    expect(mode).toEqual([{ journal_mode: "wal" }]);
  });

  it("refuses the schema of a newer release in one sentence and leaves it alone", async () => {
    const { path, close } = await aState();
    await close();
    const file = new Database(path);
    file.exec(`update schema_version set version = ${schemaVersion + 1}`);
    file.close();

    const { message } = await refusal(path);

    expect(message).toMatch(
      /^The state database .* was written by a newer release \(schema \d+, this one reads \d+\); .*\.$/,
    );
    const again = new Database(path);
    expect(again.prepare("select version from schema_version").all()).toEqual([{ version: schemaVersion + 1 }]);
    again.close();
  });

  it.each([
    ["text", (path: string) => writeFileSync(path, "this is no database, and never was one. ".repeat(200))],
    ["a cut file", cutInHalf],
  ])("refuses %s with one sentence and what to do", async (_what, damage) => {
    const { path, close, entities } = await aState();
    await entities.save(Array.from({ length: 500 }, (_, index) => aNodeRow(index)));
    await close();
    damage(path);

    const { message } = await refusal(path);

    expect(message).toMatch(/is damaged or cannot be read; restore it from a backup/);
  });

  it("says so when the folder does not exist", async () => {
    const { message } = await refusal(join(aFolder(), "missing", "state.db"));

    expect(message).toMatch(/cannot be opened \(ENOENT\); check the folder/);
  });
});

function cutInHalf(path: string): void {
  truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
}

function aNodeRow(index: number) {
  return {
    kind: "node" as const,
    id: `lab/node/pve${index}`,
    cluster: "lab",
    name: `pve${index}`.padEnd(200, "x"),
    firstSeenAt: 0,
    lastSeenAt: 0,
    goneAt: null,
    status: "online" as const,
    haState: null,
    address: null,
    version: null,
  };
}
