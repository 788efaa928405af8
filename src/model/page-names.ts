// The pages that the bar at the top leads to, in its order, besides the fleet: the part of the address, and the title.
// The server answers these addresses with the page. One more page is one line here and one in src/web/pages/index.ts.
const titles = {
  utilization: "Utilization",
  capacity: "Capacity",
  cost: "Cost",
  growth: "Growth",
  anomalies: "Anomalies",
  risks: "Risks",
  tasks: "Tasks",
} as const;

export type ListedPage = keyof typeof titles;

export const listedPages = Object.keys(titles) as readonly ListedPage[];

export const isListedPage = (name: string): name is ListedPage => Object.hasOwn(titles, name);

export const titleOfPage = (name: ListedPage): string => titles[name];
