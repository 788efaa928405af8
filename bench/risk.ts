// How early failures that the simulator has planted are found, and how often the rules are wrong, on seeds that nothing
// was tuned on (tuned on 1 to 4).
import { type Benchmark, type Figure, median } from "./figure.ts";
import { ageingRound, diskRound, fillRound, hardGuestsRound, leakRound } from "./risk-truth.ts";

const seeds = [90_001, 90_002, 90_003, 90_004, 90_005, 90_006] as const;

export const risk: Benchmark = {
  name: "risk",
  summary: "planted disk failures, memory leaks and storages that fill: found how early, how often wrongly",
  run: () => Promise.resolve([...disks(), ...leaks(), ...fills()]),
};

const total = <Row>(rows: readonly Row[], of: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0);

function disks(): readonly Figure[] {
  const rounds = seeds.map(diskRound);
  const warned = total(rounds, (round) => round.warned);
  const wrong = total(rounds, (round) => round.wronglyWarned);
  const healthy = total(rounds, (round) => round.healthyDisks);
  const inTime = rounds.map((round) => (100 * round.inTime) / round.announced);
  return [
    { name: "disks: announced failures found ≥ 7 days ahead", value: mean(inTime), unit: "%", must: ">= 95" },
    { name: "disks: the same, worst seed", value: Math.min(...inTime), unit: "%" },
    { name: "disks: precision of warnings", value: (100 * (warned - wrong)) / warned, unit: "%", must: ">= 80" },
    { name: "disks: median lead", value: median(rounds.map((round) => round.medianLeadDays)), unit: "days" },
    { name: "disks: others without a wrong warning", value: 100 - (100 * wrong) / healthy, unit: "%", must: ">= 95" },
    {
      name: "disks that age by a sector now and then: warned of",
      value: 100 * mean(seeds.map(ageingRound)),
      unit: "%",
    },
  ];
}

function leaks(): readonly Figure[] {
  const rounds = seeds.map(leakRound);
  const planted = total(rounds, (round) => round.leaks);
  const weeks = total(rounds, (round) => round.otherGuestWeeks);
  const wrong = total(rounds, (round) => round.falseLeaks);
  const hard = seeds.map(hardGuestsRound);
  const accused = total(hard, (round) => total(Object.values(round.accused), (count) => count));
  const hardWeeks = total(hard, (round) => round.guestWeeks);
  return [
    { name: "leaks found", value: (100 * total(rounds, (round) => round.found)) / planted, unit: "%", must: ">= 100" },
    {
      name: "leaks: slowest after",
      value: Math.max(...rounds.map((round) => round.slowestDays)),
      unit: "days",
      must: "<= 5",
    },
    { name: "leaks: median after", value: median(rounds.map((round) => round.medianDays)), unit: "days" },
    { name: "leaks: false per 500 guest-weeks", value: (500 * wrong) / weeks, unit: "", must: "<= 1" },
    { name: "leaks: the same, of guests that look like it", value: (500 * accused) / hardWeeks, unit: "" },
  ];
}

function fills(): readonly Figure[] {
  const rounds = seeds.map(fillRound);
  const errors = rounds.flatMap((round) => round.errors);
  const planted = total(rounds, (round) => round.fills);
  const early = total(rounds, (round) => round.notBeforeEarly);
  const within = total(rounds, (round) => round.within);
  const medians = rounds.map((round) => 100 * median(round.errors));
  return [
    { name: "fills: median error at 14 days", value: 100 * median(errors), unit: "%", must: "<= 10" },
    { name: "fills: the same, worst seed", value: Math.max(...medians), unit: "%" },
    { name: "fills: mean error at 14 days", value: 100 * mean(errors), unit: "%" },
    { name: "fills: full no earlier than the early date", value: (100 * early) / planted, unit: "%" },
    { name: "fills: full within the interval", value: (100 * within) / planted, unit: "%" },
  ];
}

const mean = (values: readonly number[]): number => total(values, (value) => value) / values.length;
