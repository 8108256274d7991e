import { z } from 'zod';

export const policyParams = z.object({
  name: z.string().min(1).describe('The name of the policy, as its text states it.'),
  version: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .describe('The version of the policy, as its text states it: a whole number from 1 on.'),
});

export const policyBody = z.string().describe('The YAML text of the policy. It is kept byte for byte.');

export const policyResponse = z.strictObject({
  name: z.string().describe('The name of the policy.'),
  version: z.int().positive().describe('The version of the policy.'),
  sha256: z.string().describe('SHA-256 of the text, in hex: what seals and reports name.'),
  log_payloads: z.boolean().describe('Whether sessions under it may keep what was said.'),
  warnings: z
    .array(z.string())
    .describe(
      'What is stored as it is and may be meant otherwise: keys without effect, contacts in the text.',
    ),
});
