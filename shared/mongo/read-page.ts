/**
 * The first `limit` rows as `read` gives them. Passes over those of which it makes null: whoever writes to the database can leave
 * any number, which would stand in front of all others for ever.
 */
export async function readPage<Row, Item>(
  rows: AsyncIterable<Row>,
  read: (row: Row) => Item | null,
  limit: number,
): Promise<Item[]> {
  const page: Item[] = [];
  for await (const row of rows) {
    const item = read(row);
    if (item !== null) page.push(item);
    if (page.length === limit) break;
  }
  return page;
}
