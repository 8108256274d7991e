/** UTF-16 code units of a text that is kept, at most: more than an entry and a checkpoint have. */
const KEPT_LENGTH = 65_536;

/**
 * `read`, which reads a text once while it is asked for again and again: a report reads the same entry and the same
 * checkpoint three times, to compare, to prove and to state them. Its result must not be changed by anyone.
 */
export function keepLast<Result>(read: (text: string) => Result): (text: string) => Result {
  let last: Readonly<{ text: string; result: Result }> | null = null;
  return (text) => {
    if (last?.text === text) return last.result;
    const result = read(text);
    last = text.length > KEPT_LENGTH ? null : { text, result };
    return result;
  };
}
