// The declared types of the readers' results as values, so that a test can see whether a result really has its type.
import { isRecord } from "../../src/pve/read.ts";

/** Answers what is wrong, or undefined. */
export type Shape = (value: unknown, at: string) => string | undefined;

/** Throws when a value has not the shape. */
export function expectShape(value: unknown, shape: Shape): void {
  const wrong = shape(value, "data");
  if (wrong !== undefined) throw new TypeError(wrong);
}

const leaf =
  (what: string, test: (value: unknown) => boolean): Shape =>
  (value, at) =>
    test(value) ? undefined : `${at} is no ${what}: ${String(value)}`;

const string = leaf("string", (value) => typeof value === "string");
const filled = leaf("filled string", (value) => typeof value === "string" && value !== "");
const number = leaf("finite number", Number.isFinite);
const whole = leaf("whole number", Number.isSafeInteger);
const boolean = leaf("boolean", (value) => typeof value === "boolean");
const anything: Shape = () => undefined;
const maybe =
  (shape: Shape): Shape =>
  (value, at) =>
    value === undefined ? undefined : shape(value, at);
const orNull =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? undefined : shape(value, at);
const oneOf = (...values: readonly string[]): Shape =>
  leaf(values.join(" or "), (value) => values.includes(String(value)));

const listOf =
  (shape: Shape): Shape =>
  (value, at) =>
    Array.isArray(value)
      ? value.map((one, index) => shape(one, `${at}[${index}]`)).find((wrong) => wrong !== undefined)
      : `${at} is no list`;

const columnOf =
  (shape: Shape): Shape =>
  (value, at) =>
    ArrayBuffer.isView(value) ? listOf(shape)(Array.from(value as Float64Array), at) : `${at} is no column`;

/** Exactly these members. */
const object =
  (members: Readonly<Record<string, Shape>>): Shape =>
  (value, at) => {
    if (!isRecord(value)) return `${at} is no object`;
    const strange = Object.keys(value).find((key) => !(key in members));
    if (strange !== undefined) return `${at}.${strange} is not declared`;
    const wrongs = Object.entries(members).map(([key, shape]) => shape(value[key], `${at}.${key}`));
    return wrongs.find((wrong) => wrong !== undefined);
  };

const mapOf =
  (shape: Shape): Shape =>
  (value, at) => {
    if (!(value instanceof Map)) return `${at} is no map`;
    const wrongs = [...value].map(([key, one]) => string(key, `${at} key`) ?? shape(one, `${at} ${String(key)}`));
    return wrongs.find((wrong) => wrong !== undefined);
  };

const rowsOf = (members: Readonly<Record<string, Shape>>): Shape =>
  object({ rows: listOf(object(members)), rejected: whole });
const amount = maybe(number);
const word = maybe(filled);
const space = object({ total: amount, used: amount, available: amount });
const machine = {
  cpu: amount,
  maxcpu: amount,
  mem: amount,
  maxmem: amount,
  disk: amount,
  maxdisk: amount,
  uptime: amount,
};

const rrdRow: Shape = (value, at) => {
  if (!isRecord(value)) return `${at} is no object`;
  const wrongs = Object.entries(value).map(([key, one]) => number(one, `${at}.${key}`));
  return number(value["time"], `${at}.time`) ?? wrongs.find((wrong) => wrong !== undefined);
};

export const shapes = {
  version: object({ version: filled, release: filled, repoId: word }),
  permissions: mapOf(mapOf(boolean)),
  clusterStatus: object({
    cluster: orNull(object({ name: word, quorate: maybe(boolean) })),
    members: listOf(object({ name: filled, address: orNull(filled), online: boolean, local: boolean })),
    rejected: whole,
  }),
  nodes: rowsOf({
    node: filled,
    status: filled,
    sslFingerprint: word,
    uptime: maybe(whole),
    maxcpu: maybe(whole),
    maxmem: maybe(whole),
  }),
  clusterResources: object({
    nodes: listOf(object({ node: filled, status: filled, hastate: word, ...machine })),
    guests: listOf(
      object({
        vmid: whole,
        type: oneOf("qemu", "lxc"),
        node: filled,
        status: filled,
        name: word,
        template: maybe(boolean),
        ...machine,
        memhost: amount,
        netin: amount,
        netout: amount,
        diskread: amount,
        diskwrite: amount,
        lock: word,
        tags: listOf(filled),
        pool: word,
        hastate: word,
      }),
    ),
    storages: listOf(
      object({
        storage: filled,
        node: filled,
        status: filled,
        disk: amount,
        maxdisk: amount,
        shared: boolean,
        plugintype: word,
        content: listOf(filled),
      }),
    ),
    pools: listOf(filled),
    rejected: whole,
  }),
  metricsExport: object({
    length: whole,
    ids: listOf(string),
    metrics: listOf(string),
    idIndex: columnOf(whole),
    metricIndex: columnOf(whole),
    timestampS: columnOf(anything),
    value: columnOf(anything),
    malformed: whole,
  }),
  nodeStatus: object({
    version: word,
    kernel: word,
    uptime: amount,
    loadavg: listOf(amount),
    cpus: maybe(whole),
    cores: maybe(whole),
    sockets: maybe(whole),
    cpuModel: word,
    memory: space,
    swap: space,
    rootfs: space,
    ksmSharedBytes: amount,
    bootMode: word,
  }),
  certificates: rowsOf({ filename: word, fingerprint: word, notAfterS: amount, subject: word, issuer: word }),
  rrdData: object({ rows: listOf(rrdRow), rejected: whole }),
  tasks: rowsOf({
    upid: filled,
    node: filled,
    type: filled,
    id: string,
    user: filled,
    startTimeS: whole,
    endTimeS: maybe(whole),
    exitStatus: word,
  }),
  taskStatus: object({ running: boolean, exitStatus: word }),
  taskLog: rowsOf({ line: whole, text: string }),
  storages: rowsOf({
    storage: filled,
    type: word,
    content: listOf(filled),
    shared: boolean,
    disabled: boolean,
    nodes: listOf(filled),
  }),
  pools: rowsOf({ pool: filled, comment: word }),
  guestConfig: object({
    name: word,
    createdAtS: maybe(whole),
    digest: word,
    template: boolean,
    tags: listOf(filled),
    values: mapOf(string),
  }),
} as const satisfies Record<string, Shape>;
