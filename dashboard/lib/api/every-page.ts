/** Beyond that nobody chooses from a list. */
const MOST_PAGES = 10;

/** The pages of a list, one after the other. */
export async function everyPage<Page extends { next_cursor: string | null }>(
  load: (cursor: string | null) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await load(cursor);
    pages.push(page);
    cursor = page.next_cursor;
  } while (cursor !== null && pages.length < MOST_PAGES);
  return pages;
}
