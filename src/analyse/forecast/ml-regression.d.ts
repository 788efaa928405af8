// The package brings no types; these are of what is used here.
declare module "ml-regression" {
  export class TheilSenRegression {
    readonly slope: number;
    readonly intercept: number;
    constructor(x: readonly number[], y: readonly number[]);
  }
}
