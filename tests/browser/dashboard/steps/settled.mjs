/** Waits until a page has all that it asked for at first: nothing stands for something that is on its way. */
export async function settled(page) {
  // By its element: while a dialog is open, the page behind it has no roles.
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[aria-label="Loading"], div.animate-breathe'));
}
