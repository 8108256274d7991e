// Values that whoever can write to the database may leave in any field.
import { Binary, Long, ObjectId } from 'mongodb';

/** Of every type, most of them wrong in any one field. */
export const WRONG_VALUES: readonly unknown[] = [
  ...[null, true, 5, -1.5, Number.NaN, '', 'x', '\u0000', [], ['x'], [['x']], [[1, 2]], {}, { a: { b: 1 } }],
  // No text can be made of the first; to some servers the others are operators.
  ...[{ toString: 1 }, { $gt: '' }, { $$x: 1 }],
  ...[new Binary(Buffer.from('x')), Long.MAX_VALUE, new ObjectId(), /x/],
];
