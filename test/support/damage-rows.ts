// What somebody who can write to the database may do to a log's segments and its session's row.
import type { Db } from 'mongodb';
import type { Session } from '../../shared/sessions/session.ts';
import type { SegmentRow } from './segments.ts';

/** Changes fields of one of the log's segments. */
export async function damageSegment(
  db: Db,
  { accountId, id }: Pick<Session, 'accountId' | 'id'>,
  index: number,
  fields: object,
): Promise<void> {
  const segments = db.collection<SegmentRow>('audit_segments');
  await segments.updateOne({ _id: `${accountId}/${id}/${index}` }, { $set: fields });
}

/** Removes a field of one of the log's segments. */
export async function dropField(
  db: Db,
  { accountId, id }: Session,
  index: number,
  field: string,
): Promise<void> {
  const segments = db.collection<SegmentRow>('audit_segments');
  const _id = `${accountId}/${id}/${index}`;
  const row = (await segments.findOne({ _id })) as SegmentRow;
  await segments.deleteOne({ _id });
  const left = Object.entries(row).filter(([name]) => name !== field);
  await segments.insertOne(Object.fromEntries(left) as SegmentRow);
}

/** Changes fields of the session's row. */
export async function damageRow(db: Db, { id }: Session, fields: object): Promise<void> {
  await db.collection<{ _id: string }>('sessions').updateOne({ _id: id }, { $set: fields });
}
