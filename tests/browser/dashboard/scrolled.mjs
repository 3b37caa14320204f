// A long list is scrolled from its beginning to its end, and back: node scrolled.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
// Prints { steps, most, ends, middle, last, first }: how often it was scrolled to the end of what was there; how many
// rows were ever drawn at once; what stands below them in the end; which are drawn in the middle, at the end, and
// at the top again.
import { report } from './steps/report.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';

const ROWS = 'tr[data-index]';

/** Counts the rows that are drawn whenever something is drawn. */
function watch(list) {
  return list.evaluate((list, rows) => {
    window.mostRows = 0;
    const count = () => {
      window.mostRows = Math.max(window.mostRows, list.querySelectorAll(rows).length);
    };
    new MutationObserver(count).observe(list, { childList: true, subtree: true });
    count();
  }, ROWS);
}

/** Scrolls to a share of the height; which rows are drawn then, the first and the last of them. */
async function scrolledTo(list, share) {
  await list.evaluate((list, share) => {
    list.scrollTop = (list.scrollHeight - list.clientHeight) * share;
  }, share);
  // Drawn in the frame after the next.
  await list.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  const drawn = await list.locator(ROWS).evaluateAll(rows => rows.map(row => Number(row.dataset.index)));
  return { from: drawn[0], to: drawn.at(-1) };
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/traces');
  await settled(page);
  const list = page.getByRole('region', { name: 'Traces', exact: true });
  await watch(list);
  const below = page.getByText(/\d loaded, |\d in all/);
  let [steps, says] = [0, await below.innerText()];
  for (; !says.includes('in all'); steps++) {
    await scrolledTo(list, 1);
    const before = says;
    await page.waitForFunction(
      before => {
        const now = [...document.querySelectorAll('main div')].map(div => div.textContent);
        return !now.includes(before);
      },
      before,
    );
    says = await below.innerText();
  }
  const middle = await scrolledTo(list, 0.5);
  const last = await scrolledTo(list, 1);
  const first = await scrolledTo(list, 0);
  return { steps, most: await page.evaluate(() => window.mostRows), ends: says, middle, last, first };
});
