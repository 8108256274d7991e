import assert from 'node:assert/strict';
import { type ErrorFields, errorEnvelope } from '../../api/http/error-envelope.ts';

/** The error in an answer; an answer that is not exactly the envelope fails the test. */
export async function readError(response: Response): Promise<ErrorFields> {
  return errorEnvelope.parse(await response.json()).error;
}

/** The answer has this status and code, and names this parameter if one is given. */
export async function assertError(
  response: Response,
  status: number,
  code: string,
  param?: string,
): Promise<void> {
  const error = await readError(response);
  assert.deepEqual([response.status, error.code, error.param], [status, code, param], error.message);
}
