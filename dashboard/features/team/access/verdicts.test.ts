import { expect, test } from "vitest";
import { mapSome } from "./verdicts";

test("work is done a few at a time, and answered in order", async () => {
  let running = 0;
  let most = 0;
  const doubled = await mapSome([1, 2, 3, 4, 5], 2, async (number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 6 - number));
    running -= 1;
    return number * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8, 10]);
  expect(most).toBe(2);
  expect(await mapSome([], 2, async () => 1)).toEqual([]);
});

test("one that fails fails all of it, and no more is begun", async () => {
  const begun: number[] = [];
  const work = async (number: number) => {
    begun.push(number);
    throw new Error("no");
  };
  await expect(mapSome([1, 2, 3, 4], 2, work)).rejects.toThrow("no");
  expect(begun).toEqual([1, 2]);
});
