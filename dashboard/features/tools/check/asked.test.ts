import { expect, it } from "vitest";
import { askedOf, BY_ME, decides, reasonInWords } from "./asked";

it("asks about the reader, or about one whom a permission can name", () => {
  expect(askedOf(BY_ME)).toEqual({ asked: {} });
  expect(askedOf({ caller: "api_key", subject_id: "k", arguments: "{}" })).toEqual({
    asked: { api_key_id: "k", arguments: {} },
  });
  expect(askedOf({ caller: "user", subject_id: "u", arguments: ' {"a": 1}' })).toEqual({
    asked: { user_id: "u", arguments: { a: 1 } },
  });
});

it("asks nothing that is not complete", () => {
  const asked = askedOf({ caller: "team", subject_id: "", arguments: "[1]" });
  expect("problems" in asked && Object.keys(asked.problems)).toEqual(["subject_id", "arguments"]);
  expect(askedOf({ ...BY_ME, arguments: "{" })).toHaveProperty("problems.arguments");
});

it("says the reason without ids, and knows which rule it names", () => {
  const id = "01990abc-0000-7000-8000-0123456789ab";
  const check = { reason: `the permission ${id} allows it, 5 times a day` };
  expect(reasonInWords(check)).toBe("The permission allows it, 5 times a day.");
  expect([decides(check, id), decides(check, id.replace("b", "c"))]).toEqual([true, false]);
});
