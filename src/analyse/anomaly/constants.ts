// Every constant of the detector. They hold for all series; nothing is fitted to one series but its own past.
// What they were chosen on, and how much each one matters, stands in docs/anomalies.md.

/** Rows that error scales remember: four weeks of 5-minute points. */
export const scaleMemoryRows = 8_000;

/**
 * The strongest of many rows is stronger than the strongest of few. So that one bound serves short and long series, a
 * strength is lifted by the eighth root of this memory over the rows seen, counted from a thousand rows on.
 */
export const fewestRows = 1_000;

/** Rows that the level and the worth of its seasons remember: a week of 5-minute points. */
export const levelMemoryRows = 2_000;

/** Rows before anything is scored: a scale from fewer is a guess. */
export const learningRows = 30;

/** Lengths of the running means of the forecast error, in rows: a spike fills the first, a slow change the last. */
export const meanSpans = [1, 3, 10, 30, 100] as const;

/** How quickly the forecast of the newest movement follows the error. */
export const innovationGain = 0.25;

/** Rows over which movement is measured, and what silence or bustle counts beside an error of the same strength. */
export const movementRows = 30;
export const movementWeight = 0.8;

/** Slots of a day; a week has seven times as many. */
export const slotsPerDay = 48;

/** How much of the newest day (week) its slots take over. */
export const dayGain = 0.2;
export const weekGain = 0.3;

/** A repeat within this share of the rows seen, and within this many rows, ... */
export const quietShare = 0.08;
export const quietRows = 300;
/** ... counts only when the earlier event is below this share of it. */
export const repeatRatio = 0.5;

/** Rarity is counted in blocks of so many rows, over so many blocks; an event as strong as this share is "as strong". */
export const blockRows = 50;
export const blocksKept = 160;
export const alikeRatio = 0.8;

/** The strength that scores 0.5. */
export const halfStrength = 2;

/** The expected range is the forecast and so many scales to both sides. */
export const rangeScales = 2;

/** The score from which a row is an anomaly to people: strength 2, twice the tail scale. */
export const alarmScore = 0.5;

/** Time before anything is reported: a weekend is known once it was seen twice. */
export const learningMs = 14 * 86_400_000;

/** More than so many steps without a value is a gap. */
export const gapSteps = 3;

/** A flat line: so many rows and so long, so many times the longest stand before, where at least this share moves. */
export const flatRows = 12;
export const flatMs = 30 * 60_000;
export const flatTimes = 3;
export const movingShare = 0.5;

/** CUSUM of daily differences in scales: slack per day, and the sum that is a shift; history needed in days. */
export const shiftSlack = 0.5;
export const shiftLimit = 5;
export const shiftDays = 21;

/** Iglewicz and Hoaglin's bound, and the fewest that can be compared. */
export const outlierScore = 3.5;
export const peersNeeded = 8;

/** How near an event must be to belong to an anomaly. */
export const nearMs = 10 * 60_000;

/** An episode is over after so many rows that are as ever, and at the latest when the level has learned it. */
export const calmRows = 3;
export const longestEpisodeMs = 7 * 86_400_000;

/** While a series hardly moves, its steps are below this share of the expected range. */
export const stillShare = 0.02;

/** Days kept for level shifts; days that a level has to last to be one; how far apart two shifts are, and how long one is told. */
export const shiftDaysKept = 56;
export const shiftStaysDays = 3;
export const shiftApartMs = 10 * 86_400_000;
export const shiftToldMs = 7 * 86_400_000;
