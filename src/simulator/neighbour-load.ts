// How hard noisy neighbours press on the disks that a guest shares with them.
import type { SimGuest } from "./entities.ts";
import { overlap } from "./guest-measure.ts";

/** Mean over (fromS, toS] of the I/O of the noisy guests on `node`, each from 0 to 1; the guest itself does not count. */
export function neighbourLoad(
  noisy: readonly SimGuest[],
  guest: SimGuest,
  node: string,
  fromS: number,
  toS: number,
): number {
  let sum = 0;
  for (const other of noisy) {
    if (other === guest) continue;
    for (const life of other.lives) {
      const part = life.node === node ? overlap(life, fromS, toS) : undefined;
      if (part === undefined) continue;
      sum += other.load.io.integral(part.toS) - other.load.io.integral(part.fromS);
    }
  }
  return sum / (toS - fromS);
}
