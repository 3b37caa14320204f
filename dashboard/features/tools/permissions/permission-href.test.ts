import { expect, it } from "vitest";
import { newPermissionHref, permissionsAboutHref } from "./permission-href";

it("begins a new one with the tool that one comes from", () => {
  expect(newPermissionHref()).toBe("/tool-permission");
  expect(newPermissionHref({ mcp_server: "github", tool_name: "a b" })).toBe(
    "/tool-permission?mcp_server=github&tool_name=a+b",
  );
});

it("lists those of a tool by their patterns, each once", () => {
  const href = permissionsAboutHref([
    { mcp_server: "github", tool_name: "*" },
    { mcp_server: "*", tool_name: "delete_*" },
    { mcp_server: "*", tool_name: "*" },
  ]);
  const query = new URLSearchParams(href.split("?")[1]);
  expect(Object.fromEntries(query)).toEqual({
    tab: "permissions",
    server_pattern: "github,*",
    tool_pattern: "*,delete_*",
  });
});

it("leaves out what cannot be asked for", () => {
  expect(permissionsAboutHref([])).toBe("/tools?tab=permissions");
  expect(permissionsAboutHref([{ mcp_server: "*", tool_name: "a,b" }])).toBe(
    "/tools?tab=permissions&server_pattern=*",
  );
});
