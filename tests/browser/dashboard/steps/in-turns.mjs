/** Does something with each of them, so many at once; the results in the order of the items. */
export async function inTurns(items, atOnce, act) {
  const results = [];
  let next = 0;
  async function work() {
    while (next < items.length) {
      const at = next++;
      results[at] = await act(items[at]);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
