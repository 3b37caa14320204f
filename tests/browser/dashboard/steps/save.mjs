/** Sends a form of the settings, says yes to what is asked, and waits until it is taken; an error if it is refused. */
export async function save(page, action = 'Save') {
  const form = page.locator('main form').filter({ has: page.getByRole('button', { name: action, exact: true }) });
  await form.getByRole('button', { name: action, exact: true }).click();
  const question = page.getByRole('dialog').locator('button[type=submit]');
  const taken = page.getByText(/^(Saved|Created)\.$/);
  const refused = page.locator('main form').getByRole('alert');
  await question.or(taken).or(refused).first().waitFor();
  if (await question.isVisible()) {
    await question.click();
    await taken.or(refused).first().waitFor();
  }
  if (await refused.first().isVisible()) throw new Error(await refused.first().innerText());
}
