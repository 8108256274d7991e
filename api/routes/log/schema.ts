import { z } from 'zod';

export const tileParams = z.object({
  path: z
    .string()
    .describe('<L>/<N>[.p/<W>] or entries/<N>[.p/<W>]; it holds slashes.')
    .meta({ examples: ['0/000.p/12'] }),
});

export const checkpointResponse = z
  .string()
  .describe("The account's checkpoint (C2SP tlog-checkpoint) with its signatures and cosignatures.");

export const keyResponse = z
  .string()
  .describe('The verifier key of the log, and LF: what an auditor is handed.');

export const tileResponse = {
  'application/octet-stream': z
    .string()
    .describe('Hashes of 32 bytes end to end, or entries with their lengths in two bytes (C2SP tlog-tiles).'),
} as const;
