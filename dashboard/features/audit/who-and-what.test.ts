import { expect, test } from "vitest";
import { actorOf, resourceOf } from "./who-and-what";

test("an actor is named as well as can be", () => {
  const nobody = { actor_name: null, actor_type: "user", actor_id: null };
  expect(actorOf({ ...nobody, actor_name: "ada@example.com" })).toBe("ada@example.com");
  expect(actorOf({ ...nobody, actor_type: "system" })).toBe("The control plane");
  expect(actorOf({ ...nobody, actor_type: "api_key", actor_id: "0198c0de-7a11" })).toBe("Api key 0198c0de…");
  expect(actorOf(nobody)).toBe("Somebody unknown");
});

test("a resource is named as well as can be", () => {
  const nothing = { resource_name: null, resource_type: null, resource_id: null };
  expect(resourceOf({ ...nothing, resource_name: "github" })).toBe("github");
  expect(resourceOf({ ...nothing, resource_type: "settings" })).toBe("Settings");
  expect(resourceOf(nothing)).toBeNull();
});
