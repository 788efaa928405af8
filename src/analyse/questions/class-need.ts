// What will a workload need that does not exist yet?
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";
import type { FactFields } from "../../model/facts.ts";
import { ClusterId, clusterEntityId } from "../../model/ids.ts";
import { type ClassMember, classNeed as classOf } from "../capacity/class-need.ts";
import { knownCluster } from "../capacity/cluster-data.ts";
import type { AnalysisContext } from "../context.ts";
import { defineQuestion } from "../question.ts";
import { volumeOf } from "../supply/index.ts";

export const classNeed = defineQuestion({
  id: "class-need",
  input: z.strictObject({
    cluster: ClusterId,
    tags: z.array(z.string().max(200)).max(20).default([]),
    name: z.string().max(200).optional(),
    os: z.string().max(100).optional(),
    template: z.number().int().optional(),
  }),
  async answer(context, { cluster, name, os, template, tags }) {
    if (context.fleet.get(clusterEntityId(cluster)) === undefined)
      throw new InputError(`There is no cluster ${cluster}.`);
    const workload = {
      tags,
      ...(name === undefined ? {} : { name }),
      ...(os === undefined ? {} : { os }),
      ...(template === undefined ? {} : { template }),
    };
    return classOf(workload, await membersOf(context, cluster));
  },
});

/** What was given says nothing of what is needed: guests that were never measured are no members. */
async function membersOf(context: AnalysisContext, cluster: string): Promise<readonly ClassMember[]> {
  const { input } = await knownCluster(context, cluster);
  const configs = new Map(context.facts.list("guest_config").map(({ subject, fields }) => [subject, fields]));
  return input.model.guests.flatMap(({ id, name, need, diskBytes }) => {
    const entity = context.fleet.get(id)?.entity;
    if (entity?.kind !== "guest" || need.basis === "allocated") return [];
    const config = configs.get(id);
    const os = config?.["os_type"];
    const described = { name, tags: entity.tags, os: typeof os === "string" ? os : null, template: templateOf(config) };
    return [{ ...described, cpuCores: need.p95.cpuCores, memoryBytes: need.p95.memoryBytes, diskBytes }];
  });
}

function templateOf(config: FactFields | undefined): number | null {
  const lines = config?.["disks"];
  if (!Array.isArray(lines)) return null;
  for (const line of lines as readonly string[]) {
    const [, vmid] = /base-(\d+)-/.exec(volumeOf(line)?.linkedTo ?? "") ?? [];
    if (vmid !== undefined) return Number(vmid);
  }
  return null;
}
