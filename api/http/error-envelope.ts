// The body of every error.
import { z } from 'zod';
import { REPORT_FAILURE_REASONS } from '../../shared/errors/app-error.ts';

export const errorEnvelope = z.strictObject({
  error: z
    .strictObject({
      code: z.string().describe('What went wrong, for programs.'),
      message: z.string().min(1).describe('What went wrong and what helps, for people.'),
      request_id: z.string().describe('The id of this request in the log of the service.'),
      param: z
        .string()
        .optional()
        .describe(
          'The parameter or field at fault, with validation_failed; what differs from what is stored, with a conflict.',
        ),
      reason: z
        .enum(REPORT_FAILURE_REASONS)
        .optional()
        .describe('Why no report was made, with report_generation_failed.'),
    })
    .describe('The error.'),
});

type Present = z.infer<typeof errorEnvelope>['error'];

/** The fields of an error. Those that are undefined are left out. */
export type ErrorFields = { [Name in keyof Present]: Present[Name] | undefined } & Readonly<{
  message: string;
  request_id: string;
}>;

/** The envelope as JSON. */
export function formatError(error: ErrorFields): string {
  return JSON.stringify({ error });
}
