// What differs between the simulated releases in what they say about themselves.
import type { Release } from "./entities.ts";

interface ReleaseFacts {
  readonly version: { readonly release: Release; readonly version: string; readonly repoid: string };
  readonly kernel: { readonly release: string; readonly version: string };
  readonly qemu: string;
}

export const releases: Readonly<Record<Release, ReleaseFacts>> = {
  "8.4": {
    version: { release: "8.4", version: "8.4.1", repoid: "2a5fa54a8503f96d" },
    kernel: { release: "6.8.12-9-pve", version: "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-9 (2025-03-16T19:18Z)" },
    qemu: "9.2.0",
  },
  "9.1": {
    version: { release: "9.1", version: "9.1.5", repoid: "80cf92a64bef6889" },
    kernel: { release: "6.17.9-1-pve", version: "#1 SMP PREEMPT_DYNAMIC PMX 6.17.9-1 (2026-01-12T16:25Z)" },
    qemu: "10.1.2",
  },
  "9.2": {
    version: { release: "9.2", version: "9.2.3", repoid: "5f1e4a7c90b3d2e8" },
    kernel: { release: "6.17.13-2-pve", version: "#1 SMP PREEMPT_DYNAMIC PMX 6.17.13-2 (2026-05-20T08:02Z)" },
    qemu: "10.2.1",
  },
};
