import { expect, test } from "vitest";
import { browserName } from "./browser-name";

test("a session is told by browser and system", () => {
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const safari =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1";
  const edge = "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0";
  expect(browserName(firefox)).toBe("Firefox on Linux");
  expect(browserName(safari)).toBe("Safari on iOS");
  expect(browserName(edge)).toBe("Edge on Windows");
  expect(browserName("curl/8.5.0")).toBe("curl/8.5.0");
  expect(browserName(null)).toBe("Unknown client");
});
