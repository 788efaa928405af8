import { describe, expect, it } from "vitest";
import {
  clusterEntityId,
  guestEntityId,
  nodeEntityId,
  parseEntityId,
  storageEntityId,
  targetEntityId,
} from "../../src/model/ids.ts";

describe("entity ids", () => {
  it("are taken apart into what they were made from", () => {
    const ids = [
      clusterEntityId("c-1"),
      nodeEntityId("c-1", "pve1"),
      guestEntityId("c-1", 100, 2),
      storageEntityId("c-1", "local", "pve1"),
      storageEntityId("c-1", "nfs", null),
      targetEntityId("c-1", "@cluster"),
    ];

    expect(ids).toEqual([
      "c-1/cluster",
      "c-1/node/pve1",
      "c-1/guest/100~2",
      "c-1/storage/pve1:local",
      "c-1/storage/@nfs",
      "c-1/target/@cluster",
    ]);
    expect(ids.map((id) => parseEntityId(id)?.id)).toEqual(ids);
  });

  it("of a guest without generation mean the first", () => {
    expect(parseEntityId("c/guest/100")).toEqual({ id: "c/guest/100~1", cluster: "c", kind: "guest", key: "100~1" });
  });

  it.each([
    "",
    "c",
    "c/",
    "C/node/a",
    "c/guest/abc",
    "c/guest/100~",
    "c/cluster/x",
    "c/node",
    "c/planet/x",
    "1c/node/a",
  ])("are not %j", (text) => {
    expect(parseEntityId(text)).toBeUndefined();
  });
});
