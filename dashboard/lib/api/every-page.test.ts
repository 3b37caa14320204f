import { expect, it } from "vitest";
import { everyPage } from "./every-page";

it("goes on until there is no page left", async () => {
  const asked: (string | null)[] = [];
  const pages = await everyPage((cursor) => {
    asked.push(cursor);
    return Promise.resolve({ next_cursor: cursor === null ? "a" : cursor === "a" ? "b" : null });
  });
  expect(asked).toEqual([null, "a", "b"]);
  expect(pages).toHaveLength(3);
});

it("does not go on for ever", async () => {
  expect((await everyPage(() => Promise.resolve({ next_cursor: "same" }))).length).toBe(10);
});
