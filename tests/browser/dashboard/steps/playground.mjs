// A call by hand, on the page of the playground.
const ENDINGS = /^(Success|The tool failed|Refused by the gateway|Failed|Asks for more)$/;

export const resultOn = page =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'Result', exact: true }) });

/** Calls with what is filled in; in which word it ended. */
export async function call(page) {
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  return resultOn(page).getByText(ENDINGS).first().innerText();
}

/** Calls again and again until it ends like that: a proxy follows a change within two seconds. */
export async function callUntil(page, ending) {
  const MOST = 40;
  for (let time = 0; time < MOST; time++) if ((await call(page)) === ending) return;
  throw new Error(`no call of ${MOST} ended with “${ending}”`);
}

/** The trace of the last call, by its link. */
export async function traceIdOn(page) {
  const href = await resultOn(page).getByRole('link', { name: 'Trace', exact: true }).getAttribute('href');
  return new URL(href, page.url()).searchParams.get('id');
}
