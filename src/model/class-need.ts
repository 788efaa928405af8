// What a workload that does not exist yet will need, by the guests that are most like it.
export interface Range {
  readonly p50: number;
  readonly p95: number;
}

/** How they are alike, nearest first. */
export const likenesses = ["tags", "template", "name", "os", "all"] as const;
export type Likeness = (typeof likenesses)[number];

export type ClassNeed =
  | {
      readonly state: "known";
      readonly by: Likeness;
      /** "tag web", "names like web-…", "OS Type l26". */
      readonly what: string;
      readonly members: number;
      /** Of the members' peaks (95th percentiles of 30 days): half need no more than p50, 95 of 100 no more than p95. */
      readonly cpuCores: Range;
      readonly memoryBytes: Range;
      /** Null where too few configurations tell the size of disks. */
      readonly diskBytes: Range | null;
    }
  | { readonly state: "too_few"; readonly reason: string };
