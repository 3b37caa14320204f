import { expect, test } from "vitest";
import { requesterOf } from "./who";

const nobody = { requester: null, api_key_name: null, requested_by: null, api_key_id: null };

test("a person is named before their key", () => {
  expect(requesterOf({ ...nobody, requester: "ada@example.com", api_key_name: "ci" })).toBe(
    "ada@example.com (key ci)",
  );
  expect(requesterOf({ ...nobody, requester: "ada@example.com" })).toBe("ada@example.com");
  expect(requesterOf({ ...nobody, api_key_name: "ci" })).toBe("The key ci");
});

test("who is gone is what is left of them", () => {
  expect(requesterOf({ ...nobody, api_key_id: "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c" })).toBe("0198c0de…");
  expect(requesterOf(nobody)).toBe("Somebody who is not here any more");
});
