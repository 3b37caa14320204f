// The pages of the dashboard, as it lists them itself.
import { PAGES, pathOf } from '../../../../dashboard/e2e/pages.mjs';

export { PAGES, pathOf };

/** Those for who is signed in. */
export const SIGNED_IN = Object.keys(PAGES).filter(name => !PAGES[name].signedOut);

/** Where each of them is, for who has this page: `[{ name, path }]`. */
export async function pathsFor(page, names) {
  const found = [];
  for (const name of names) found.push({ name, path: await pathOf(name, page) });
  return found;
}
