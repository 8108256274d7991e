// Lists as the pages print them: one line of names that a log gave one by one, so that two of them may read as one name.

/** The lists of texts in a report, and the keys of its counts, each as one text. */
export function listedWords(reportJson: Uint8Array): string[] {
  const lists: string[] = [];
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const members = Object.values(value);
    if (Array.isArray(value) && members.every((member) => typeof member === 'string')) {
      lists.push(value.join(', '));
    } else if (members.every((member) => typeof member === 'number')) {
      lists.push(Object.keys(value).join(', '));
    }
    for (const member of members) visit(member);
  };
  visit(JSON.parse(Buffer.from(reportJson).toString()));
  return lists.filter((list) => list.includes(','));
}
