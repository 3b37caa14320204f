import { expect, it } from "vitest";
import { initials } from "./initials";

it.each([
  ["Ada Lovelace", "AL"],
  ["Ada King Lovelace", "AL"],
  ["admin@example.com", "AD"],
  ["grace.hopper@example.com", "GH"],
  ["Ø", "Ø"],
  ["", "?"],
])("%s: %s", (name, letters) => expect(initials(name)).toBe(letters));
