// The functions in the columns of a query, and the arithmetic around them. Pure.
import { InputError } from "../../lib/errors.ts";
import type { Aggregate, Column, Expression } from "./query.ts";

/** A name that is the same for the same function of the same field. */
export const keyOf = ({ name, field, percent }: Aggregate): string => `${name} ${percent ?? ""} ${field}`;

/** Every function once. Throws an InputError for a field outside of one. */
export function leavesOf(columns: readonly Column[]): readonly Aggregate[] {
  const found = new Map<string, Aggregate>();
  for (const { expression } of columns) {
    const before = found.size;
    const leaves = leavesIn(expression);
    for (const leaf of leaves) found.set(keyOf(leaf), leaf);
    if (leaves.length === 0 && before === found.size)
      throw new InputError("Each column needs a function here, such as mean(field).");
  }
  return [...found.values()];
}

function leavesIn(expression: Expression): readonly Aggregate[] {
  switch (expression.type) {
    case "aggregate":
      return [expression];
    case "operation":
      return [...leavesIn(expression.left), ...leavesIn(expression.right)];
    case "number":
      return [];
    case "field":
      throw new InputError(
        `Put ${expression.field.slice(0, 60)} into a function, such as mean("${expression.field.slice(0, 60)}"): samples as they are come from /api/v1/series.`,
      );
  }
}

/** An operation with nothing gives nothing, and so does what is no number (a division by zero). */
export function evaluate(expression: Expression, valueOfLeaf: (leaf: Aggregate) => number | null): number | null {
  switch (expression.type) {
    case "aggregate":
      return valueOfLeaf(expression);
    case "number":
      return expression.value;
    case "field":
      return null;
    case "operation": {
      const [left, right] = [evaluate(expression.left, valueOfLeaf), evaluate(expression.right, valueOfLeaf)];
      if (left === null || right === null) return null;
      const value = operate(expression.operator, left, right);
      return Number.isFinite(value) ? value : null;
    }
  }
}

function operate(operator: "+" | "-" | "*" | "/", left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
  }
}
