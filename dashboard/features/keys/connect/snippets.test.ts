import { expect, test } from "vitest";
import { exportLine, snippets } from "./snippets";

const URL = "https://gateway.example.com/mcp/github";

test("there is configuration for each client, with the address and without the key", () => {
  const all = snippets(URL, "github");
  expect(all.map((one) => one.id)).toEqual(["claude-code", "cursor", "vs-code", "python", "typescript"]);
  for (const { text } of all) {
    expect(text).toContain(URL);
    expect(text).toMatch(/GATEWAYOPS_API_KEY|gatewayops-key/);
    expect(text).not.toContain("gwo_");
  }
});

test("files are JSON as their clients read it", () => {
  const [, cursor, code] = snippets(URL, "github");
  expect(JSON.parse(cursor?.text ?? "").mcpServers.github.headers.Authorization).toBe(
    "Bearer ${env:GATEWAYOPS_API_KEY}",
  );
  expect(JSON.parse(code?.text ?? "").servers.github).toMatchObject({ type: "http", url: URL });
});

test("all servers together have a name of their own", () => {
  expect(snippets("http://localhost:8080/mcp", "")[0]?.text).toContain(
    "http gatewayops http://localhost:8080/mcp",
  );
  expect(exportLine("gwo_dev_x")).toBe("export GATEWAYOPS_API_KEY='gwo_dev_x'");
});
