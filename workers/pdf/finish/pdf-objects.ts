import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject, PDFStream } from '@cantoo/pdf-lib';

/** Every dictionary of the document, those of streams and those within others included. */
export function* dictsOf({ context }: PDFDocument): Generator<PDFDict> {
  // Ends: objects are trees, and references between them are not followed.
  const waiting: PDFObject[] = context.enumerateIndirectObjects().map(([, object]) => object);
  for (let object = waiting.pop(); object; object = waiting.pop()) {
    const dict = object instanceof PDFStream ? object.dict : object;
    if (dict instanceof PDFDict) {
      yield dict;
      for (const value of dict.values()) waiting.push(value);
    } else if (object instanceof PDFArray) {
      for (const value of object.asArray()) waiting.push(value);
    }
  }
}

/** Whether a value stands in so many others, of one object. Those who check a report take it for damage. */
export function isNestedDeeper({ context }: PDFDocument, limit: number): boolean {
  const waiting: [PDFObject, number][] = context.enumerateIndirectObjects().map(([, object]) => [object, 0]);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [object, depth] = next;
    if (depth > limit) return true;
    const holder = object instanceof PDFStream ? object.dict : object;
    const inner =
      holder instanceof PDFDict ? holder.values() : holder instanceof PDFArray ? holder.asArray() : [];
    for (const value of inner) waiting.push([value, depth + 1]);
  }
  return false;
}

/** Whether the dictionary has the key, also with null as its value. */
export function hasKey(dict: PDFDict, key: string): boolean {
  return dict.get(PDFName.of(key), true) !== undefined;
}

/** The value at a path of keys, references resolved; undefined where the path ends early. */
export function valueAt(dict: PDFDict, ...path: readonly string[]): PDFObject | undefined {
  let value: PDFObject | undefined = dict;
  for (const key of path) value = value instanceof PDFDict ? value.lookup(PDFName.of(key)) : undefined;
  return value;
}
