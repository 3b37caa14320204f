import { expect, it } from "vitest";
import { asSentence, inSentence, inWords } from "./in-words";

it("writes names as people do", () => {
  expect(inWords("prompt_injection")).toBe("Prompt injection");
});

it("takes a heading into a sentence, abbreviations as they are", () => {
  expect(inSentence("Alert rules")).toBe("alert rules");
  expect(inSentence("API keys")).toBe("API keys");
});

it("lets what the API says stand alone", () => {
  expect(asSentence("no role grants it")).toBe("No role grants it.");
  expect(asSentence("Is it?")).toBe("Is it?");
});
