import { expect, test } from "vitest";
import { kindsOf } from "./kinds";

test("actions are counted by what they are done to", () => {
  const actions = [
    { value: "session.login", count: 3 },
    { value: "api_key.create", count: 2 },
    { value: "api_key.revoke", count: 2 },
  ];
  expect(kindsOf(actions)).toEqual([
    { value: "api_key", count: 4 },
    { value: "session", count: 3 },
  ]);
});
