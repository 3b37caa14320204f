import { expect, test } from "vitest";
import { audienceOf, mcpAddress } from "./mcp-address";

function token(claims: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
}

test("the gateway's address is the audience of a token for it", () => {
  expect(audienceOf(token({ aud: "https://gateway.example.com/" }))).toBe("https://gateway.example.com");
  expect(audienceOf(token({ aud: "gateway" }))).toBeNull();
  expect(audienceOf(token({}))).toBeNull();
  expect(audienceOf("no token")).toBeNull();
  expect(audienceOf("a.%%%.c")).toBeNull();
});

test("all servers have one address, and each has its own", () => {
  expect(mcpAddress("https://gateway.example.com/", "")).toBe("https://gateway.example.com/mcp");
  expect(mcpAddress("http://localhost:8080", "github")).toBe("http://localhost:8080/mcp/github");
});
