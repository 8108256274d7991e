import assert from 'node:assert/strict';
import { z } from 'zod';

const envelope = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string().min(1),
    request_id: z.string(),
    param: z.string().optional(),
  }),
});

/** The error in an answer; an answer that is not exactly the envelope fails the test. */
export async function readError(response: Response): Promise<z.infer<typeof envelope>['error']> {
  return envelope.parse(await response.json()).error;
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
