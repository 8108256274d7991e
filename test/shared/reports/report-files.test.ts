// The stored bytes of reports, as they are and as whoever writes to the database may leave them.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Binary, type Document } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { createReportFiles } from '../../../shared/reports/report-files.ts';
import { openTestDatabase } from '../../support/mongo.ts';

type Row = Document & { _id: string };

const NEVER = new AbortController().signal;
/** Of GridFS, as the driver cuts. */
const CHUNK = 255 * 1024;
const BYTES = Buffer.from(Array.from({ length: 2 * CHUNK + 1000 }, (_, i) => i % 251));

async function openFiles(t: TestContext) {
  const { db } = await openTestDatabase(t);
  const files = createReportFiles(db);
  const accountId = newId('account');
  const fileId = await files.store(accountId, newId('report'), BYTES, NEVER);
  async function read(begin = 0, end = BYTES.length): Promise<Buffer | null> {
    const stream = await files.open(accountId, fileId, { begin, end });
    return stream && Buffer.concat(await stream.toArray());
  }
  return { db, files, accountId, fileId, read };
}

test('a file gives any part of its bytes, and nothing to another account', async (t) => {
  const { files, fileId, read } = await openFiles(t);
  for (const [begin, end] of [
    [0, BYTES.length],
    [0, 1],
    [0, CHUNK],
    [CHUNK - 1, CHUNK + 1],
    [CHUNK, 2 * CHUNK],
    [2 * CHUNK, BYTES.length],
    [CHUNK + 7, BYTES.length - 1],
    [5, 5],
  ] as const) {
    assert.deepEqual(await read(begin, end), BYTES.subarray(begin, end), `${begin} to ${end}`);
  }
  assert.equal(await files.open(newId('account'), fileId, { begin: 0, end: 1 }), null);
});

test('a piece or a length that no upload stored ends the bytes, and not the process', async (t) => {
  const { db, fileId, read } = await openFiles(t);
  const pieces = db.collection<Row>('report_files.chunks');
  const stored = (await pieces.find({ files_id: fileId }).sort({ n: 1 }).toArray()) as Row[];
  const second = stored[1] as Row;
  for (const data of [null, 5, 'x', {}, { buffer: 1 }, true, new Binary(Buffer.from('short'))]) {
    await pieces.updateOne({ _id: second._id }, { $set: { data } });
    assert.deepEqual(await read(), BYTES.subarray(0, CHUNK), JSON.stringify(data));
  }
  await pieces.updateOne({ _id: second._id }, { $unset: { data: '' } });
  assert.deepEqual(await read(), BYTES.subarray(0, CHUNK));
  await pieces.deleteOne({ _id: second._id });
  assert.deepEqual(await read(), BYTES.subarray(0, CHUNK));

  const rows = db.collection<Row>('report_files.files');
  for (const chunkSize of [null, 0, -1, 0.5, Number.NaN, 1e300, 'x', {}, 1]) {
    await rows.updateOne({ _id: fileId }, { $set: { chunkSize } });
    assert.notDeepEqual(await read(), BYTES, String(chunkSize));
  }
  await rows.updateOne({ _id: fileId }, { $set: { chunkSize: CHUNK, length: 'x' } });
  assert.deepEqual(await read(0, CHUNK), BYTES.subarray(0, CHUNK));
});
