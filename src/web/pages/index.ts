// What each page of the bar at the top shows.
import type { ComponentType } from "preact";
import type { ListedPage } from "../page-names.ts";
import { RisksPage } from "./risks-page.tsx";
import { TasksPage } from "./tasks-page.tsx";

export const pageOf: Readonly<Record<ListedPage, ComponentType>> = { risks: RisksPage, tasks: TasksPage };
import { AnomaliesPage } from "./anomalies-page.tsx";
import { TasksPage } from "./tasks-page.tsx";

export const pageOf: Readonly<Record<ListedPage, ComponentType>> = { anomalies: AnomaliesPage, tasks: TasksPage };
