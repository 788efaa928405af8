// How strong a number is against its own past, measured by the fourth root of the fourth central moment. Beside a
// standard deviation it listens to the tails: where spikes are usual, a spike is not strong.

export class TailScale {
  readonly #memory: number;
  #count = 0;
  #mean = 0;
  #fourth = 0;

  /** `memory`: rows after which the past fades. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  /**
   * (x − mean) / scale, where the scale knows the number already, as if it had been learned. So the first movement of a
   * series that stood still is strong and not infinite, and the largest strength grows with the fourth root of the rows.
   */
  strength(value: number): number {
    const away = value - this.#mean;
    const fourth = this.#fourth + (fourthPower(away) - this.#fourth) / Math.min(this.#count + 1, this.#memory);
    return fourth > 0 ? away / fourthRoot(fourth) : 0;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Fourth root of the fourth central moment, in the unit of the values; 0 while nothing ever differed. */
  get scale(): number {
    return fourthRoot(this.#fourth);
  }

  learn(value: number): void {
    if (this.#count < this.#memory) this.#count++;
    this.#mean += (value - this.#mean) / this.#count;
    this.#fourth += (fourthPower(value - this.#mean) - this.#fourth) / this.#count;
  }
}

/** Two products are ten times as quick as a power. */
const fourthPower = (value: number): number => value * value * (value * value);
const fourthRoot = (value: number): number => Math.sqrt(Math.sqrt(value));
