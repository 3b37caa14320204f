// A keyboard, and no mouse.

const MOST = 200; // no page has so many places for the focus before the one that is wanted

/** Counts what a pointing device does, on all pages of a context from now on. */
export async function watchPointer(context) {
  const seen = { count: 0 };
  await context.exposeFunction('pointed', () => void (seen.count += 1));
  await context.addInitScript(() => {
    for (const type of ['pointerdown', 'pointermove', 'mousedown', 'mousemove', 'touchstart', 'wheel'])
      window.addEventListener(type, () => window.pointed(), { capture: true, passive: true });
  });
  return seen;
}

/** Presses Tab until what has that role and name has the focus. */
export async function tabTo(page, role, name) {
  const wanted = page.getByRole(role, { name, exact: typeof name === 'string' });
  await wanted.first().waitFor();
  for (let step = 0; step < MOST; step++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluateAll(all => all.includes(document.activeElement))) return;
  }
  throw new Error(`Tab does not come to the ${role} “${name}”`);
}

/** Tab, and then Enter, which is what buttons and links are pressed with. */
export async function press(page, role, name) {
  await tabTo(page, role, name);
  await page.keyboard.press('Enter');
}

export async function write(page, name, text) {
  await tabTo(page, 'textbox', name);
  await page.keyboard.type(text);
}

/** Chooses in a list by the beginning of a name, as browsers do it. */
export async function choose(page, name, option) {
  const options = page.getByRole('combobox', { name, exact: true }).locator('option', { hasText: option });
  await options.first().waitFor({ state: 'attached' });
  await tabTo(page, 'combobox', name);
  await page.keyboard.type(option);
}

/** Goes to a page by the command palette. */
export async function goTo(page, name) {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to a page, or do something' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type(name);
  await page.getByRole('option', { name, selected: true }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** With `j`, from row to row; Enter then opens the one that has the focus. */
export async function openFirstRow(page) {
  await page.locator('tr[data-index="0"] a').waitFor();
  await page.keyboard.press('j');
  await page.locator('tr[data-index="0"] a:focus').waitFor();
  await page.keyboard.press('Enter');
}
