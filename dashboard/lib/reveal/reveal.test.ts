import { expect, it } from "vitest";
import { reveal } from "./reveal";

it("leaves what can be seen as it is", () => {
  expect(reveal("Reads a file.\n\tÄ 漢字 🙂")).toEqual([
    { text: "Reads a file.\n\tÄ 漢字 🙂", hidden: false },
  ]);
  for (const emoji of ["⚠️", "👩‍💻", "❤️‍🔥"]) expect(reveal(emoji)).toEqual([{ text: emoji, hidden: false }]);
  expect(reveal("")).toEqual([]);
});

it("names what cannot", () => {
  expect(reveal("a\u200bb\u202e")).toEqual([
    { text: "a", hidden: false },
    { text: "U+200B", hidden: true },
    { text: "b", hidden: false },
    { text: "U+202E", hidden: true },
  ]);
});

it("spells out what is written in tags", () => {
  const tags = [..."do it"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
  expect(reveal(`x${tags}`)).toEqual([
    { text: "x", hidden: false },
    { text: "do it", hidden: true },
  ]);
});
