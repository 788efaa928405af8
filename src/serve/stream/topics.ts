// The topics of the stream. One more is one file and one line here.
import { fleetTopic } from "./fleet-topic.ts";
import { analysesTopic, findingsTopic, jobsTopic, problemsTopic, tasksTopic } from "./record-topics.ts";
import type { Topic } from "./topic.ts";

export const topics: readonly Topic[] = [
  fleetTopic,
  tasksTopic,
  problemsTopic,
  jobsTopic,
  findingsTopic,
  analysesTopic,
];
