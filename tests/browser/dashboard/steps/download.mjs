// A file that a page gives somebody, as rows.
import { readFile } from 'node:fs/promises';

/** Presses what downloads a table; `{ name, rows }`, each row by the names at the head of the table. */
export async function downloadTable(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const [names, ...rows] = linesOf(await readFile(await download.path(), 'utf8'));
  return {
    name: download.suggestedFilename(),
    rows: rows.map(cells => Object.fromEntries(names.map((name, at) => [name, cells[at]]))),
  };
}

/** Lines of cells, as RFC 4180 has them: a cell in quotes may hold anything, and two quotes are one of its own. */
export function linesOf(text) {
  const lines = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted && sign === '"' && text[at + 1] === '"') cell += text[++at];
    else if (sign === '"') quoted = !quoted;
    else if (quoted || !',\r\n'.includes(sign)) cell += sign;
    else if (sign !== '\r') {
      lines.at(-1).push(cell);
      cell = '';
      if (sign === '\n') lines.push([]);
    }
  }
  if (quoted || cell || lines.at(-1).length > 0) throw new Error('the table breaks off');
  return lines.slice(0, -1);
}
