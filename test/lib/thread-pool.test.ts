import { describe, expect, it } from "vitest";
import { runInThreads } from "../../src/lib/thread-pool.ts";

const squares = (
  tasks: readonly number[],
  threads: number,
  onDone?: (done: number) => void,
): Promise<readonly number[]> =>
  runInThreads({
    module: "./squaring-child.ts",
    base: import.meta.url,
    threads,
    tasks,
    ...(onDone === undefined ? {} : { onDone }),
  });

describe("tasks in threads", () => {
  it("give their results in the order of the tasks, whatever the number of threads", async () => {
    const tasks = Array.from({ length: 21 }, (_, place) => place);
    const expected = tasks.map((task) => task * task);

    for (const threads of [1, 2, 3]) expect(await squares(tasks, threads)).toEqual(expected);
    expect(await squares([], 2)).toEqual([]);
  });

  it("tell how many are done, one after another", async () => {
    const told: number[] = [];
    await squares([5, 6, 7, 8], 2, (done) => told.push(done));

    expect(told).toEqual([1, 2, 3, 4]);
  });

  it("fail with the error of a task, and when a thread ends before its time", async () => {
    await expect(squares([4, -1, 6], 2)).rejects.toThrow("no root of that");
    await expect(squares([4, -2, 6], 1)).rejects.toThrow("a worker thread ended early (exit code 3)");
  });
});
