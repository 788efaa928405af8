// /nodes/{node}: what one node says about itself.
import type { SimNode } from "../entities.ts";
import { averageNode, loadAverage } from "../node-measure.ts";
import { nodeParameter } from "../parameters.ts";
import { releases } from "../releases.ts";
import type { Answer, Call, Route } from "../route.ts";
import { usedBytes } from "../volume-measure.ts";
import { nodeOf } from "./lookup.ts";

export const nodeRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/status",
    parameters: nodeParameter,
    permission: { path: "/nodes/{node}", privileges: ["Sys.Audit"] },
    forwarded: true,
    answer: (call) => ({ data: status(call, nodeOf(call)) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/version",
    parameters: nodeParameter,
    permission: "all",
    forwarded: true,
    answer: ({ release }) => ({ data: releases[release].version }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/certificates/info",
    parameters: nodeParameter,
    permission: "all",
    forwarded: true,
    answer: certificates,
  },
];

const flags = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge cmov pat sse sse2 ht avx avx2 aes hypervisor";

function status({ state, release }: Call, node: SimNode): object {
  const { nowS } = state;
  const { hardware } = node;
  const facts = releases[release];
  const guests = state.guestsEver(node.name);
  const now = averageNode(node, guests, nowS - 10, nowS);
  const load = (windowS: number): string =>
    loadAverage(node, averageNode(node, guests, nowS - windowS, nowS).cpu).toFixed(2);
  const root = state.storages.find((storage) => storage.id === "local")?.volumes.get(node.name);
  const rootUsed = root === undefined ? 0 : Math.floor(usedBytes(root, nowS));
  const rootTotal = root?.totalBytes ?? hardware.rootBytes;
  const used = Math.floor(now.memUsedBytes);
  const swapUsed = Math.floor(hardware.swapBytes * 0.02);
  return {
    uptime: Math.floor(nowS - node.bootedAtS),
    idle: 0,
    cpu: now.cpu,
    wait: now.iowait,
    loadavg: [load(60), load(300), load(900)],
    memory: {
      total: hardware.memoryBytes,
      used,
      available: hardware.memoryBytes - used,
      free: Math.floor((hardware.memoryBytes - used) * 0.6),
    },
    swap: { total: hardware.swapBytes, used: swapUsed, free: hardware.swapBytes - swapUsed },
    rootfs: { total: rootTotal, used: rootUsed, avail: rootTotal - rootUsed, free: rootTotal - rootUsed },
    // Guests of one image share some pages; they come apart when a guest moves.
    ksm: { shared: Math.floor(now.memUsedBytes * 0.012) },
    cpuinfo: {
      model: hardware.model,
      vendor: hardware.vendor,
      sockets: hardware.sockets,
      cores: hardware.cores,
      cpus: hardware.threads,
      mhz: hardware.mhz,
      hvm: "1",
      user_hz: 100,
      family: hardware.vendor === "AuthenticAMD" ? "25" : "6",
      flags,
    },
    "boot-info": { mode: "efi", secureboot: 0 },
    pveversion: `pve-manager/${facts.version.version}/${facts.version.repoid}`,
    kversion: `Linux ${facts.kernel.release} ${facts.kernel.version}`,
    "current-kernel": { sysname: "Linux", machine: "x86_64", ...facts.kernel },
  };
}

function certificates({ state, certificate }: Call): Answer {
  const dayS = 86_400;
  const common = {
    fingerprint: certificate.fingerprint,
    issuer: "/CN=Pilothouse simulated cluster",
    subject: "/CN=Pilothouse simulated cluster",
    notbefore: Math.floor(state.anchorS - 400 * dayS),
    notafter: Math.floor(state.anchorS + 330 * dayS),
    "public-key-bits": 256,
    "public-key-type": "id-ecPublicKey",
    san: certificate.san,
    pem: certificate.pem,
  };
  return { data: ["pve-root-ca.pem", "pve-ssl.pem"].map((filename) => ({ filename, ...common })) };
}
