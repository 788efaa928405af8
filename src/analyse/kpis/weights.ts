// What a core-hour is worth beside a GiB-hour, as long as nobody entered a cost model.
import type { ResourceWeights } from "../../model/kpis.ts";

/** The usual ratio of list prices of clouds, where a vCPU-hour costs seven to eight times a GiB-hour. */
export const usualWeights: ResourceWeights = {
  perCoreHour: 7.5,
  perGibHour: 1,
  source: "usual ratio of list prices",
};
