// Disks with SMART. The list gives PVE's verdict and wear, one more call per disk its temperature and error counts.
import { aFact } from "../../../model/facts.ts";
import { diskEntityId } from "../../../model/ids.ts";
import type { NodeEntity } from "../../../model/inventory.ts";
import { disks as askDisks, type Disk, PveRefusedError, type Smart, smart } from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";
import type { FactRow } from "../fact-rows.ts";

export const disks: FactReader<"node"> = {
  name: "disks",
  scope: "node",
  tells: ["disk"],
  needs: ["Sys.Audit"],
  async read(context, node) {
    const { data } = await askDisks(context.pve, node.name, context.options);
    const read: { readonly disk: Disk; readonly smart: Smart | undefined }[] = [];
    for (const disk of data.rows) read.push({ disk, smart: await smartOf(context, node.name, disk.device) });
    return {
      facts: read.map(({ disk, smart: told }) => factOf(node, disk, told)),
      rows: read.map(({ disk, smart: told }) => rowOf(context, node, disk, told)),
    };
  },
};

/** A disk behind a RAID controller or a virtual one has no SMART, which PVE says with an error: that costs its numbers only. */
async function smartOf({ pve, options }: FactContext, node: string, device: string): Promise<Smart | undefined> {
  try {
    return (await smart(pve, node, device, options)).data;
  } catch (error) {
    if (error instanceof PveRefusedError) return undefined;
    throw error;
  }
}

const factOf = (node: NodeEntity, disk: Disk, told: Smart | undefined) =>
  aFact("disk", node.id, disk.serial ?? disk.device, {
    device: disk.device,
    model: orNull(disk.model),
    serial: orNull(disk.serial),
    type: orNull(disk.type),
    size_bytes: orNull(disk.sizeBytes),
    usage: orNull(disk.usage),
    smart: orNull(disk.smart ?? told?.health),
    wear_percent: orNull(wearOf(disk, told)),
    temperature_celsius: orNull(told?.temperatureCelsius),
    power_on_seconds: orNull(secondsOn(told)),
    reallocated_sectors: orNull(told?.reallocatedSectors),
    pending_sectors: orNull(told?.pendingSectors),
    media_errors: orNull(told?.mediaErrors),
    reported_uncorrectable: orNull(told?.reportedUncorrectable),
    command_timeouts: orNull(told?.commandTimeouts),
    offline_uncorrectable: orNull(told?.offlineUncorrectable),
    spare_percent: orNull(told?.sparePercent),
    spare_threshold_percent: orNull(told?.spareThresholdPercent),
    critical_warning: orNull(told?.criticalWarning),
    failing_attributes: told?.failingAttributes ?? null,
  });

function rowOf({ cluster, now, everyS }: FactContext, node: NodeEntity, disk: Disk, told: Smart | undefined): FactRow {
  return {
    kind: "disk",
    id: diskEntityId(cluster, node.name, disk.serial ?? disk.device),
    ts: now,
    stepS: everyS,
    origin: "fact",
    node: node.name,
    values: {
      temperature_celsius: told?.temperatureCelsius,
      wear_percent: wearOf(disk, told),
      power_on_seconds: secondsOn(told),
      reallocated_sectors: told?.reallocatedSectors,
      pending_sectors: told?.pendingSectors,
      media_errors: told?.mediaErrors,
      reported_uncorrectable: told?.reportedUncorrectable,
      command_timeouts: told?.commandTimeouts,
      offline_uncorrectable: told?.offlineUncorrectable,
      spare_percent: told?.sparePercent,
    },
  };
}

/** PVE gives what is left of the disk's life; wear is what is used up. */
const wearOf = (disk: Disk, told: Smart | undefined): number | undefined =>
  disk.lifeLeftPercent === undefined ? told?.usedPercent : 100 - disk.lifeLeftPercent;

const secondsOn = (told: Smart | undefined): number | undefined =>
  told?.powerOnHours === undefined ? undefined : told.powerOnHours * 3600;
