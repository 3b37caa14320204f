// What axe-core finds on a page that keeps somebody out.
import { readFile } from "node:fs/promises";

const SERIOUS = new Set(["serious", "critical"]);
const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** One line for each thing that is serious or worse, with the first place where it is. */
export async function barriersOn(page) {
  // Not as a script of the page, which its policy would refuse.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations
    .filter(({ impact }) => SERIOUS.has(impact))
    .map(({ id, impact, nodes }) => `${id} (${impact}) ${nodes[0].html.slice(0, 200)}`);
}
