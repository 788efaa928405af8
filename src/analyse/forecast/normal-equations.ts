// Weighted least squares whose rows come one after another: only their sums of products are kept.

/** Rows are taken together by so many: the sums are then read and written a quarter as often, which is most of the work. */
const rowsAtOnce = 4;

export class NormalEquations {
  readonly #size: number;
  /** Lower triangle, row by row, of the square matrix of products. */
  readonly #gram: Float64Array;
  readonly #moments: Float64Array;
  /** Rows not summed yet, each times the root of its weight, with its target behind it. */
  readonly #waiting: readonly Float64Array[];
  #waits = 0;

  constructor(size: number) {
    this.#size = size;
    this.#gram = new Float64Array(size * size);
    this.#moments = new Float64Array(size);
    this.#waiting = Array.from({ length: rowsAtOnce }, () => new Float64Array(size + 1));
  }

  /** Adds the row that `fill` writes; the target comes behind it. */
  add(fill: (row: Float64Array) => void, target: number, weight: number): void {
    const row = this.#waiting[this.#waits++];
    if (row === undefined) throw new RangeError("more rows wait than there is room for");
    fill(row);
    row[this.#size] = target;
    const root = Math.sqrt(weight);
    for (let i = 0; i <= this.#size; i++) row[i] = root * (row[i] ?? 0);
    if (this.#waits === rowsAtOnce) this.#sumUp();
  }

  /** Makes everything added so far count less. */
  fade(factor: number): void {
    this.#sumUp();
    for (const sums of [this.#gram, this.#moments])
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) * factor;
  }

  #sumUp(): void {
    for (const row of this.#waiting.slice(this.#waits)) row.fill(0);
    this.#waits = 0;
    const [a, b, c, d] = this.#waiting;
    if (a === undefined || b === undefined || c === undefined || d === undefined) return;
    const gram = this.#gram;
    const moments = this.#moments;
    const size = this.#size;
    for (let i = 0; i < size; i++) {
      const ai = a[i] ?? 0;
      const bi = b[i] ?? 0;
      const ci = c[i] ?? 0;
      const di = d[i] ?? 0;
      const line = i * size;
      for (let j = 0; j <= i; j++)
        gram[line + j] =
          (gram[line + j] ?? 0) + ai * (a[j] ?? 0) + bi * (b[j] ?? 0) + ci * (c[j] ?? 0) + di * (d[j] ?? 0);
      moments[i] =
        (moments[i] ?? 0) + ai * (a[size] ?? 0) + bi * (b[size] ?? 0) + ci * (c[size] ?? 0) + di * (d[size] ?? 0);
    }
  }

  /** `ridge` is relative to the mean of the diagonal. Columns that say nothing get coefficients near 0. */
  solve(ridge: number): Float64Array {
    this.#sumUp();
    const size = this.#size;
    const matrix = this.#gram.slice();
    let trace = 0;
    for (let i = 0; i < size; i++) trace += matrix[i * size + i] ?? 0;
    // The second term keeps a matrix of zeros solvable.
    const lift = (ridge * trace) / size + 1e-12 * (trace / size + 1e-9);
    for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] ?? 0) + lift;
    return solveByCholesky(matrix, this.#moments.slice(), size);
  }
}

/** Solves in place; `matrix` is symmetric and only its lower triangle is read. */
function solveByCholesky(matrix: Float64Array, vector: Float64Array, size: number): Float64Array {
  const at = (i: number, j: number): number => matrix[i * size + j] ?? 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      matrix[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / at(j, j);
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = vector[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (vector[k] ?? 0);
    vector[i] = sum / at(i, i);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = vector[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= at(k, i) * (vector[k] ?? 0);
    vector[i] = sum / at(i, i);
  }
  return vector;
}
