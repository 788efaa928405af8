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
const ioSome = (io: number): number => round(8 * io * io);

export const guestPressure = (cpu: number, io: number): GuestPressure => ({
  pressurecpusome: cpuSome(cpu),
  pressurecpufull: round(cpuSome(cpu) * 0.7),
  pressureiosome: ioSome(io),
  pressureiofull: round(ioSome(io) * 0.8),
  pressurememorysome: 0,
  pressurememoryfull: 0,
});

/** A node has no "full" for CPU. */
export function nodePressure(cpu: number, iowait: number): Omit<GuestPressure, "pressurecpufull"> {
  const { pressurecpusome, pressureiosome, pressureiofull, pressurememorysome, pressurememoryfull } = guestPressure(
    cpu,
    Math.min(1, iowait * 10),
  );
  return { pressurecpusome, pressureiosome, pressureiofull, pressurememorysome, pressurememoryfull };
}

const round = (value: number): number => Math.round(value * 100) / 100;
