// Slow facts of a node: subscription, package versions, services, PCI devices.
import type { SimNode } from "../entities.ts";
import { nodeParameter } from "../parameters.ts";
import { createRandom, hash } from "../random.ts";
import { packageVersions, releases } from "../releases.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import { nodeOf } from "./lookup.ts";

export const nodeFactRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/subscription",
    parameters: nodeParameter,
    permission: "all",
    forwarded: true,
    answer: (call) => ({ data: subscription(call, nodeOf(call)) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/apt/versions",
    parameters: nodeParameter,
    permission: { path: "/nodes/{node}", privileges: ["Sys.Audit"] },
    forwarded: true,
    answer: (call) => ({ data: packages(call, nodeOf(call)) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/services",
    parameters: nodeParameter,
    permission: { path: "/nodes/{node}", privileges: ["Sys.Audit"] },
    forwarded: true,
    answer: (call) => {
      nodeOf(call);
      return { data: services.map(([name, desc, state]) => serviceRow(name, desc, state)) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/hardware/pci",
    parameters: {
      ...nodeParameter,
      "pci-class-blacklist": { type: "string", optional: true },
      verbose: { type: "boolean", optional: true },
    },
    permission: { path: "/", privileges: ["Sys.Audit", "Sys.Modify"], any: true },
    forwarded: true,
    answer: (call) => {
      nodeOf(call);
      return { data: devices };
    },
  },
];

const dayS = 86_400;
const date = (atS: number): string => new Date(atS * 1000).toISOString().slice(0, 10);

/** Key and server id are shown to those who may audit the node; whoever stores them should not. */
function subscription({ state, token }: Call, node: SimNode): object {
  if (!isAllowed(state, token, { path: `/nodes/${node.name}`, privileges: ["Sys.Audit"] })) return { status: "active" };
  const random = createRandom(hash(node.seed, 9001));
  // The second node's ends within two weeks.
  const endsS = state.anchorS + (node.nodeId === 2 ? 12 : 40 + random.integer(0, 280)) * dayS;
  return {
    status: "active",
    key: `pve${node.hardware.sockets}c-${random.hex(10)}`,
    serverid: random.hex(32).toUpperCase(),
    signature: random.hex(64),
    level: "c",
    productname: `Proxmox VE Community Subscription ${node.hardware.sockets} CPU/year`,
    message: `last checked: ${date(state.anchorS)}`,
    regdate: `${date(endsS - 365 * dayS)} 00:00:00`,
    nextduedate: date(endsS),
    checktime: state.anchorS,
    sockets: node.hardware.sockets,
    url: "https://www.proxmox.com/en/proxmox-virtual-environment/pricing",
  };
}

/** The third node was not updated with the others. */
function packages({ release }: Call, node: SimNode): readonly object[] {
  const facts = releases[release];
  return packageVersions[release].map(([name, version, older]) => {
    const lags = node.nodeId === 3 && older !== undefined;
    const installed = lags ? older : version;
    return {
      Package: name,
      Title: name,
      Description: `${name} as installed on this node`,
      Version: version,
      OldVersion: installed,
      Origin: "Proxmox",
      Arch: name.startsWith("pve-kernel") || name === "proxmox-ve" ? "all" : "amd64",
      Section: "admin",
      Priority: "optional",
      CurrentState: "Installed",
      ...(name === "proxmox-ve" ? { RunningKernel: facts.kernel.release } : {}),
      ...(name === "pve-manager" ? { ManagerVersion: `${facts.version.version}/${facts.version.repoid}` } : {}),
    };
  });
}

type Running = "running" | "dead" | "exited";

const services: readonly (readonly [name: string, description: string, state: Running])[] = [
  ["chrony", "chrony, an NTP client/server", "running"],
  ["corosync", "Corosync Cluster Engine", "running"],
  ["cron", "Regular background program processing daemon", "running"],
  ["ksmtuned", "Kernel Samepage Merging (KSM) Tuning Daemon", "running"],
  ["postfix", "Postfix Mail Transport Agent", "exited"],
  ["proxmox-firewall", "Proxmox nftables firewall", "running"],
  ["pve-cluster", "The Proxmox VE cluster filesystem", "running"],
  ["pve-firewall", "Proxmox VE firewall", "running"],
  ["pve-ha-crm", "PVE Cluster HA Resource Manager Daemon", "running"],
  ["pve-ha-lrm", "PVE Local HA Resource Manager Daemon", "running"],
  ["pvedaemon", "PVE API Daemon", "running"],
  ["pveproxy", "PVE API Proxy Server", "running"],
  ["pvescheduler", "Proxmox VE scheduler", "running"],
  ["pvestatd", "PVE Status Daemon", "running"],
  ["qmeventd", "PVE Qemu Event Daemon", "running"],
  ["spiceproxy", "PVE SPICE Proxy Server", "running"],
  ["ssh", "OpenBSD Secure Shell server", "running"],
  ["syslog", "syslog.service", "dead"],
  ["systemd-timesyncd", "Network Time Synchronization", "dead"],
];

const serviceRow = (name: string, desc: string, state: Running): object => ({
  service: name,
  name,
  desc,
  state,
  "active-state": state === "dead" ? "inactive" : "active",
  "unit-state": state === "dead" ? "not-found" : "enabled",
});

const devices = [
  {
    id: "0000:41:00.0",
    class: "0x020000",
    vendor: "0x8086",
    vendor_name: "Intel Corporation",
    device: "0x1592",
    device_name: "Ethernet Controller E810-C for QSFP",
    iommugroup: 15,
  },
  {
    id: "0000:c1:00.0",
    class: "0x010802",
    vendor: "0x144d",
    vendor_name: "Samsung Electronics Co Ltd",
    device: "0xa80a",
    device_name: "NVMe SSD Controller PM9A3",
    iommugroup: 31,
  },
];
