// What the hours of the nightly analysis hold, as DuckDB's expressions of h (hours since 1970), k (the thing's number
// from 0) and chance: a third of the guests idle, the others have a day, most a working week, some growth.

const gibibyte = `${2 ** 30}::DOUBLE`;
/** From 0 to 1, the same for the same thing and purpose. */
const own = (purpose: number): string => `(hash(k * 31 + ${purpose}) % 1000 / 1000.0)`;
const day = `(1 + ${own(1)} * 0.6 * sin(h * 0.261799 + 6.28 * ${own(2)}))`;
const week = `(CASE WHEN floor(h / 24)::BIGINT % 7 IN (2, 3) THEN 1 - 0.5 * ${own(3)} ELSE 1 END)`;
const noise = "(0.85 + 0.3 * random())";
const growth = `(1 + ${own(4)} * 0.2 * (h % 2160) / 2160)`;
const busy = `${day} * ${week} * ${noise}`;
const isIdle = "(k % 3 = 0)";

const traffic = (base: number): string =>
  `CASE WHEN ${isIdle} THEN 200 * random() ELSE ${base} * (1 + k % 20) * ${busy} END`;

export const rowsOfKinds: Readonly<Record<"guest" | "node" | "storage", Readonly<Record<string, string>>>> = {
  guest: {
    running: "1",
    cpu_ratio: `CASE WHEN ${isIdle} THEN 0.01 * ${noise} ELSE least(1, 0.25 * ${busy}) END`,
    cpu_count: "2 + k % 7",
    mem_total_bytes: `(4 + k % 13) * ${gibibyte}`,
    mem_used_bytes: `(4 + k % 13) * ${gibibyte} * least(0.98, 0.4 * ${growth} * (0.97 + 0.06 * random()) * (1 + 0.1 * sin(h * 0.261799)))`,
    mem_host_bytes: `(4 + k % 13) * ${gibibyte} * 0.9`,
    disk_total_bytes: `CASE WHEN k % 5 < 2 THEN 32 * ${gibibyte} END`,
    disk_used_bytes: `CASE WHEN k % 5 < 2 THEN 10 * ${gibibyte} * ${growth} * (0.99 + 0.02 * random()) END`,
    uptime_seconds: "h * 3600 - 1700000000",
    net_in_bytes_per_second: traffic(1e5),
    net_out_bytes_per_second: traffic(4e4),
    disk_read_bytes_per_second: traffic(2e4),
    disk_write_bytes_per_second: traffic(3e4),
  },
  node: {
    cpu_ratio: `least(1, 0.35 * ${busy})`,
    cpu_count: "64",
    mem_total_bytes: `512 * ${gibibyte}`,
    mem_used_bytes: `300 * ${gibibyte} * ${growth} * (0.98 + 0.04 * random())`,
    mem_available_bytes: `200 * ${gibibyte}`,
    root_total_bytes: `100 * ${gibibyte}`,
    root_used_bytes: `20 * ${gibibyte} * ${growth}`,
    net_in_bytes_per_second: `5e7 * ${busy}`,
    net_out_bytes_per_second: `4e7 * ${busy}`,
  },
  storage: {
    total_bytes: `4096 * ${gibibyte}`,
    used_bytes: `1500 * ${gibibyte} * ${growth} * (0.995 + 0.01 * random())`,
  },
};
