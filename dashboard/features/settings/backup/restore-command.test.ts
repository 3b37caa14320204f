import { expect, it } from "vitest";
import { restoreCommand } from "./restore-command";

it("names the backup, where it is known", () => {
  const name = "gatewayops-20261130T084500Z.dump";
  expect(restoreCommand(name)).toBe(`control-plane restore "\${BACKUP_URL#file://}/${name}"`);
  expect(restoreCommand(null)).toContain("gatewayops-<time>.dump");
});
