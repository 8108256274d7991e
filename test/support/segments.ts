// The segments of a log as somebody with the database reads and rewrites them, in either of their forms.
import { BSON, type Db } from 'mongodb';
import { packEntries, readSegment, SEGMENTS } from '../../shared/log-store/segment.ts';
import type { StoredSegmentRow } from '../../shared/log-store/segment-row.ts';

export type SegmentRow = StoredSegmentRow;

/** How a segment holds its entries: in an array, or packed. */
export const FORMS = ['entries', 'packed'] as const;
export type Form = (typeof FORMS)[number];

type LogName = Readonly<{ accountId: string; id: string }>;

export function segmentsOf(db: Db) {
  return db.collection<SegmentRow>(SEGMENTS);
}

/** All entries of a log in stored order, whatever the segments say of themselves. */
export async function readTexts(db: Db, { accountId, id }: LogName): Promise<string[]> {
  const rows = await segmentsOf(db)
    .find({ _id: { $regex: `^${accountId}/${id}/` } })
    .toArray();
  const indexOf = ({ _id }: SegmentRow) => Number(_id.split('/')[2]);
  return rows.sort((a, b) => indexOf(a) - indexOf(b)).flatMap(textsOf);
}

/** The entries of a segment, in whatever form it holds them. */
export function textsOf(row: SegmentRow): string[] {
  const { bytes, begins, ends } = readSegment(BSON.serialize(row)).open();
  return begins.map((begin, i) => bytes.toString('utf8', begin, ends[i]));
}

/** The entries of one segment, in the form that is asked for. Texts that no packed form holds stay an array. */
export function inForm(texts: readonly string[], form: Form): Pick<SegmentRow, Form> {
  const packed = form === 'packed' ? packEntries(texts.map((text) => Buffer.from(text))) : null;
  return packed ? { packed, entries: null } : { entries: [...texts] };
}

/** Changes the entries of a segment, and leaves it in its form. */
export async function editSegment(
  db: Db,
  { accountId, id }: LogName,
  index: number,
  edit: (texts: string[]) => string[],
): Promise<void> {
  const _id = `${accountId}/${id}/${index}`;
  const row = await segmentsOf(db).findOne({ _id });
  if (!row) throw new Error(`There is no segment ${_id}`);
  const { entries, packed, ...rest } = row;
  const form = packed ? 'packed' : 'entries';
  await segmentsOf(db).replaceOne({ _id }, { ...rest, ...inForm(edit(textsOf(row)), form) });
}

/** Puts a log's segments in place of those stored, as someone who can write to the database would. */
export async function replaceTexts(
  db: Db,
  { accountId, id }: LogName,
  texts: readonly string[],
  form: Form = 'packed',
): Promise<void> {
  const segments = segmentsOf(db);
  await segments.deleteMany({ _id: { $regex: `^${accountId}/${id}/` } });
  for (let index = 0; index * 256 < Math.max(1, texts.length); index += 1) {
    const entries = texts.slice(index * 256, index * 256 + 256);
    const head_hash = /"this_hash":"([0-9a-f]{64})"/.exec(entries.at(-1) ?? '')?.[1] ?? '';
    const _id = `${accountId}/${id}/${index}`;
    await segments.insertOne({
      _id,
      ...inForm(entries, form),
      count: entries.length,
      head_hash,
      closed: true,
    });
  }
}
