// What a release of Proxmox VE cannot give, in sentences for people: better said than found out.
import type { Capabilities, RrdTimeframe } from "../pve/index.ts";

const day = 86_400;
/** With points no wider than this for a month, forecasts and sizing have what they need from the first day. */
const fineStepS = 3_600;
const fineDays = 30;

export function releaseNotes({ metricsExport, pressure, memhost, rrdOfOthers }: Capabilities): readonly string[] {
  return [
    ...(metricsExport ? [] : ["Before 8.2.5 there are no 10-second samples: the cluster is read every 30 seconds."]),
    ...historyNote(rrdOfOthers),
    ...(pressure ? [] : ["Before 9 there is no pressure (PSI), available memory or ARC size in the history."]),
    ...(memhost ? [] : ["Before 9 nobody can tell whether a VM's memory figure is the guest's own or the host's."]),
  ];
}

function historyNote(frames: readonly RrdTimeframe[]): readonly string[] {
  const fine = Math.max(...frames.filter(({ stepS }) => stepS <= fineStepS).map(({ stepS, points }) => stepS * points));
  if (fine >= fineDays * day) return [];
  const kept = frames
    .filter(({ stepS }) => stepS >= 1_800)
    .map(({ stepS, points }) => `${stepWords(stepS)} of the last ${spanWords(stepS * points)}`);
  return [
    `Before 9 the imported history is coarse: ${kept.join(", ")}; what needs hourly values begins with our own samples.`,
  ];
}

const stepWords = (stepS: number): string =>
  stepS < 3_600
    ? `${stepS / 60}-minute averages`
    : stepS < day
      ? `${stepS / 3_600}-hour averages`
      : `${stepS / day}-day averages`;
const spanWords = (spanS: number): string =>
  spanS < 3 * day ? `${Math.floor(spanS / 3_600)} hours` : `${Math.floor(spanS / day)} days`;
