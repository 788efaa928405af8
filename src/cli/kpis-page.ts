// docs/reference/kpis.md, from the catalogue of key figures.
import { type Kpi, kpiCatalogue } from "../model/kpi-catalogue.ts";

type Table = (header: readonly string[], rows: readonly (readonly string[])[]) => string;

export const kpisPage = (generated: string, table: Table): readonly string[] => [
  "# Key figures",
  generated,
  "What `GET /api/v1/kpis`, the page Utilization and `pilothouse lab kpis` show. The job `kpis` works them out every hour, of the last 30 days in whole hours. A figure of a window has its coverage beside it, the share of the window that is known; below 80 % it has a state (`needs 24 of 30 days, has 3`) instead of a value. What is not known is left out of sums on both sides and never counts as 0.",
  rules,
  ...kpiCatalogue.flatMap((kpi) => sectionOf(kpi, table)),
];

const rules = `## What the inputs mean

- **Usable** is what guests may use: all nodes that are online, less the N+1 reserve (the largest \`analysis.reserve_nodes\` nodes, per resource; none for a single node; a node that is lost has used up its place), less what the hosts take themselves.
- **Host overhead** is the 99th percentile of the hours of (memory in use without the ZFS ARC − sum of the guests), since the last guest came or went, and at least 4 GiB per Ceph OSD; likewise for CPU. With fewer than 24 such hours it is that of this moment.
- **Memory in use of a node** is used − max(0, ARC − least ARC). Where no node tells its least ARC, it is ZFS's default, a 32nd of memory.
- **Cores** are unshared ones. With hyperthreads a node has 1.25 × its cores; as long as no more threads are busy than there are cores each counts as one, and beyond each adds a quarter. So at half the threads busy a node is used to 80 %.
- **CPU given to a guest**: a VM min(vCPUs, \`cpulimit\`), a container its cores or \`cpulimit\`. A container without either may use its whole node: its use counts, and it is left out of overcommit and efficiency.
- **Memory of a guest** is what it costs its node (\`mem_host_bytes\`, PVE 9), else what it reports.
- **Disk of a guest** is the sum of the volumes of its configuration. Linked clones are left out, and their base counts once.
- **Storage** counts once per backing. A ZFS pool is full at 80 %, a thin pool at 80 % of data or of metadata, Ceph at 85 % of what is left when the largest host is lost, divided by the replicas.
- **Should run**: HA wants it started, else it starts with its node (\`onboot\`), or it has the tag \`ph_expect_running\`. \`ph_ignore\` leaves a guest out.
- **Down**: watched and not running, or on a node that the cluster misses, from its last sample until it runs elsewhere (to five minutes). **Unknown**: no endpoint answered and no sample is there. Planned maintenance (\`analysis.maintenance\`) is neither. An outage is hours with downtime that follow each other.
- An hour counts for sums when samples of at least 80 % of the nodes that are there are known; it then counts for every scope of the cluster, so that pools and nodes add up to the cluster.
- **The fleet's** figures divide the sums of its clusters; percentiles and ages, which cannot be added, are those of the worst cluster.
- Cores weigh against memory as in the tariff that is in force; without one a core-hour counts 7.5 GiB-hours, the usual ratio of list prices.`;

function sectionOf(kpi: Kpi, table: Table): readonly string[] {
  return [
    `## ${kpi.title}`,
    `\`${kpi.id}\` · ${kpi.unit} · ${betterOf(kpi)}${targetOf(kpi)} · ${kpi.scopes === "all" ? "clusters, pools, tags" : "clusters"}`,
    kpi.summary,
    `\`\`\`text\n${kpi.formula}\n\`\`\``,
    table(
      ["input", "meaning", "fleet", "example"],
      Object.entries(kpi.inputs).map(([name, { what, fleet }]) => [
        `\`${name}\``,
        what,
        fleet === "sum" ? "sum" : "largest",
        String(kpi.example.inputs[name]),
      ]),
    ),
    `Example: ${kpi.example.words} Value: ${Number(kpi.example.value.toPrecision(6))}.`,
  ];
}

const words = { higher: "higher is better", lower: "lower is better", between: "best between two bounds" } as const;
const betterOf = ({ better }: Kpi): string => words[better];

function targetOf({ target }: Kpi): string {
  if (target === null) return "";
  const { min, max } = target;
  if (min !== null && max !== null) return ` (${min} to ${max})`;
  return min === null ? ` (at most ${max})` : ` (at least ${min})`;
}
