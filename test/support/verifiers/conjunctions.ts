// The terms of conjunctions in the JavaScript of the verifiers: each is a condition of its own, which a copy can do without.

/** Places in a source, half-open. */
export type Stretch = readonly [begin: number, end: number];

/** Terms of the conjunctions that a line ends with, gives back or names, and of those over several lines. */
export function termsIn(source: string): Stretch[] {
  const found: Stretch[] = [];
  for (const { index, 0: line } of source.matchAll(/^ *(?!\/\/|\*|[?:] |if |else |while |for )\S.*$/gm)) {
    const expression = expressionOf(source, index, line);
    if (expression !== null) found.push(...split(source, ...expression, ' && '));
  }
  return found;
}

/** What a line says at last; null where that is one term, or no condition. */
function expressionOf(source: string, index: number, line: string): Stretch | null {
  const text = line.replace(/(?: &&|[;,])$/, '');
  const begin = index + startOf(text);
  const end = index + text.length;
  const isFirst = !/(?: &&| =| =>)$/.test(source.slice(0, index).trimEnd());
  const isPart = line.endsWith(' &&') || (!isFirst && source.slice(0, index).trimEnd().endsWith('&&'));
  const expression = source.slice(begin, end);
  if (/ \? | \|\| |^return;?$/.test(expression) || !isBalanced(expression)) return null;
  const parts = split(source, begin, end, ' && ');
  return isPart || parts.length > 1 ? [begin, end] : null;
}

/** Where the expression begins: behind the last arrow, `return` or equals sign that no bracket encloses. */
function startOf(line: string): number {
  let depth = 0;
  let start = line.search(/\S/);
  for (let at = 0; at < line.length; at += 1) {
    if ('([{'.includes(line[at] as string)) depth += 1;
    if (')]}'.includes(line[at] as string)) depth -= 1;
    const found = depth === 0 ? /^(?: => | = |return )/.exec(line.slice(at)) : null;
    if (found) start = at + found[0].length;
  }
  return start;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The parts of a stretch between separators that no bracket encloses. */
export function split(source: string, begin: number, end: number, separator: string): Stretch[] {
  const parts: Stretch[] = [];
  let [depth, from] = [0, begin];
  for (let at = begin; at < end; at += 1) {
    if ('([{'.includes(source[at] as string)) depth += 1;
    if (')]}'.includes(source[at] as string)) depth -= 1;
    if (depth === 0 && source.startsWith(separator, at)) {
      parts.push([from, at]);
      from = at + separator.length;
    }
  }
  return [...parts, [from, end]];
}
