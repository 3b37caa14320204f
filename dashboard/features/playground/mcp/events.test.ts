import { expect, it } from "vitest";
import { EventCutter } from "./events";

const cut = (...chunks: string[]) => {
  const cutter = new EventCutter();
  return [...chunks.flatMap((chunk) => cutter.push(chunk)), ...cutter.end()];
};

it("cuts events wherever chunks end", () => {
  const stream = 'id: 1\ndata: {"a":1}\n\n: still there\n\nevent: message\ndata: b\ndata:c\n\n';
  expect(cut(stream)).toEqual(['{"a":1}', "b\nc"]);
  expect(cut(...stream)).toEqual(['{"a":1}', "b\nc"]);
  expect(cut(...stream.replaceAll("\n", "\r\n"))).toEqual(['{"a":1}', "b\nc"]);
});

it("takes what a server did not end", () => {
  expect(cut("data: last")).toEqual(["last"]);
  expect(cut("", ": nothing\n")).toEqual([]);
});
