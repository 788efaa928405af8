// The second shape: the measurements, tags and fields of Proxmox VE's own metric server, so that dashboards made for it
// keep working; with the fields that we hold, and a tag `cluster`, which that one does not have. Averages of the past are
// written too, maxima are not. All numbers are floats, as they are there.
import { type Batch, type Block, type Row, rowsOf } from "../../../model/batch.ts";
import { parseEntityId } from "../../../model/ids.ts";
import {
  type PveFields,
  pveGuestFields,
  pveNodeFields,
  pvePressureFields,
  pveStorageFields,
} from "../../../model/pve-metric-server.ts";
import { type LineRules, verdictOn } from "./batch-lines.ts";
import { numberField, quotedField, seriesKey } from "./line-text.ts";

const nodeFields: Readonly<Record<string, PveFields>> = {
  ...pveNodeFields,
  memory: { ...pveNodeFields.memory, memshared: "ksm_shared_bytes" },
};
const guestFields: PveFields = { ...pveGuestFields, ...pvePressureFields };

export function pveLines(batch: Batch, rules: LineRules): string[] {
  return batch.blocks.flatMap((block) => {
    const rows = [...rowsOf({ blocks: [block] })];
    return rows.flatMap((row, number) => (isWritten(block, number, rules) ? linesOfRow(block, row, rules) : []));
  });
}

const isWritten = ({ ts }: Block, row: number, rules: LineRules): boolean =>
  verdictOn(ts[row] ?? Number.NaN, rules) === "write";

function linesOfRow({ kind }: Block, row: Row, { tagsOf }: LineRules): string[] {
  const ref = parseEntityId(row.id);
  if (ref === undefined || row.origin === "rrd-max") return [];
  const { cluster, key } = ref;
  const known = tagsOf(row.id);
  const nodename = row.node ?? known?.node ?? null;
  switch (kind) {
    case "node":
      return Object.entries(nodeFields).flatMap(([measurement, fields]) =>
        lineOf(measurement, { cluster, host: key, object: "nodes" }, numbers(fields, row), row.ts),
      );
    case "guest": {
      const [vmid = ""] = key.split("~");
      const tags = { cluster, host: known?.name ?? null, nodename, object: known?.type ?? "qemu", vmid };
      return lineOf("system", tags, [...numbers(guestFields, row), ...wordsOf(row, known?.name)], row.ts);
    }
    case "storage": {
      const storage = key.startsWith("@") ? key.slice(1) : key.slice(key.indexOf(":") + 1);
      const tags = { cluster, host: storage, nodename, object: "storages", type: known?.type ?? null };
      return lineOf("system", tags, [...numbers(pveStorageFields, row), ...availableOf(row)], row.ts);
    }
    case "cluster":
    case "target":
    case "disk":
    case "pool":
    case "scope":
      return [];
  }
}

function numbers(fields: PveFields, { values }: Row): string[] {
  return Object.entries(fields).flatMap(([field, metric]) => {
    const value = values[metric];
    return value === null || value === undefined ? [] : [`${field}=${numberField(value)}`];
  });
}

/** The name is text as it is there; so is the status, of which we hold whether it runs. */
function wordsOf({ values }: Row, name: string | undefined): string[] {
  const running = values["running"];
  return [
    ...(name === undefined ? [] : [`name=${quotedField(name)}`]),
    ...(running === null || running === undefined ? [] : [`status=${running > 0 ? '"running"' : '"stopped"'}`]),
  ];
}

function availableOf({ values }: Row): string[] {
  const [total, used] = [values["total_bytes"], values["used_bytes"]];
  return typeof total === "number" && typeof used === "number" ? [`avail=${numberField(total - used)}`] : [];
}

/** To the second, as Proxmox VE writes it. */
const lineOf = (
  measurement: string,
  tags: Readonly<Record<string, string | null>>,
  fields: readonly string[],
  ts: number,
): string[] =>
  fields.length === 0 ? [] : [`${seriesKey(measurement, tags)} ${fields.join(",")} ${Math.floor(ts / 1000)}000000000`];
