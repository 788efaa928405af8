// The registry of dashboards. One more is one file here and one line.
import type { DashboardSpec } from "../build/dashboard.ts";
import { capacity } from "./capacity.ts";
import { cluster } from "./cluster.ts";
import { cost } from "./cost.ts";
import { executive } from "./executive.ts";
import { guestDashboard } from "./guest.ts";
import { nodeDashboard } from "./node.ts";
import { trust } from "./trust.ts";

export const dashboards: readonly DashboardSpec[] = [
  executive,
  capacity,
  cost,
  cluster,
  nodeDashboard,
  guestDashboard,
  trust,
];
