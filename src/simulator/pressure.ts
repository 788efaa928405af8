// Pressure stall information as PVE 9 shows it: percent of time in which tasks stood still. Derived from the load, so
// that a guest at its limit shows pressure and an idle one none.
export interface GuestPressure {
  readonly pressurecpusome: number;
  readonly pressurecpufull: number;
  readonly pressureiosome: number;
  readonly pressureiofull: number;
  readonly pressurememorysome: number;
  readonly pressurememoryfull: number;
}

const cpuSome = (cpu: number): number => round(cpu > 0.7 ? 1 + 45 * ((cpu - 0.7) / 0.3) ** 2 : cpu * 1.2);
const ioSome = (io: number, neighbours: number): number => round(Math.min(95, 8 * io * io + 40 * neighbours));
/** Reclaim begins to stall the guest when little of its memory is left. */
const memorySome = (memory: number): number => round(memory > 0.88 ? 25 * ((memory - 0.88) / 0.12) ** 2 : 0);

/**
 * Of a guest at this load; `neighbours` is how hard others on its node press on the same disks, 0..1 and more, `memory`
 * the share of its own memory in use.
 */
export const guestPressure = (cpu: number, io: number, neighbours = 0, memory = 0): GuestPressure => ({
  pressurecpusome: cpuSome(cpu),
  pressurecpufull: round(cpuSome(cpu) * 0.7),
  pressureiosome: ioSome(io, neighbours),
  pressureiofull: round(ioSome(io, neighbours) * 0.8),
  pressurememorysome: memorySome(memory),
  pressurememoryfull: round(memorySome(memory) * 0.8),
});

/** A node has no "full" for CPU. */
export function nodePressure(cpu: number, iowait: number): Omit<GuestPressure, "pressurecpufull"> {
  // Up to a tenth of waiting is ordinary; beyond it tasks stand still in proportion.
  const { pressurecpusome, pressureiosome, pressureiofull, pressurememorysome, pressurememoryfull } = guestPressure(
    cpu,
    Math.min(1, iowait * 10),
    Math.max(0, iowait - 0.1) * 4,
  );
  return { pressurecpusome, pressureiosome, pressureiofull, pressurememorysome, pressurememoryfull };
}

const round = (value: number): number => Math.round(value * 100) / 100;
