// What each page of the bar at the top shows.
import type { ComponentType } from "preact";
import type { ListedPage } from "../../model/page-names.ts";
import { AnomaliesPage } from "./anomalies-page.tsx";
import { CapacityPage } from "./capacity-page.tsx";
import { CostPage } from "./cost-page.tsx";
import { GrowthPage } from "./growth-page.tsx";
import { RisksPage } from "./risks-page.tsx";
import { TasksPage } from "./tasks-page.tsx";
import { UtilizationPage } from "./utilization-page.tsx";

export const pageOf: Readonly<Record<ListedPage, ComponentType>> = {
  utilization: UtilizationPage,
  capacity: CapacityPage,
  cost: CostPage,
  growth: GrowthPage,
  anomalies: AnomaliesPage,
  risks: RisksPage,
  tasks: TasksPage,
};
