import { expect, test } from "vitest";
import { mcpUrl } from "./mcp-url";

test("all servers have one address, and each has its own", () => {
  expect(mcpUrl("https://gateway.example.com/mcp", "")).toBe("https://gateway.example.com/mcp");
  expect(mcpUrl("http://localhost:8080/mcp", "git hub")).toBe("http://localhost:8080/mcp/git%20hub");
});
