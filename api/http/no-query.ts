import { z } from 'zod';

/** For routes that take no parameters. */
export const noQuery = z.object({});
