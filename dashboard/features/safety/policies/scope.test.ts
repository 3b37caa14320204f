import { expect, test } from "vitest";
import { scopeOf } from "./scope";

test("a scope is told in a line", () => {
  expect(scopeOf({ mcp_servers: ["*"], tools: ["*"] })).toBe("All tools of all servers");
  expect(scopeOf({ mcp_servers: ["github", "jira"], tools: ["*"] })).toBe("All tools of github, jira");
  expect(scopeOf({ mcp_servers: ["*"], tools: ["delete_*"] })).toBe("delete_* on all servers");
  expect(scopeOf({ mcp_servers: ["github"], tools: ["delete_*", "drop_*"] })).toBe(
    "delete_*, drop_* on github",
  );
});
