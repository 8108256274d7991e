// What `account.json` of a bundle says of the account.
import { z } from 'zod';
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { PAPERS } from '../../shared/reports/paper.ts';
import { readPlainJson } from './plain-json.ts';

/** Most UTF-16 code units of a name. */
export const NAME_LIMIT = 500;

const schema = z.strictObject({
  id: z.string(),
  name: z.string().min(1).max(NAME_LIMIT),
  paper: z.enum(PAPERS).optional(),
  account_log_size: z.int().nonnegative().optional(),
});

export type BundleAccount = Readonly<{
  id: string;
  name: string;
  /** Of its PDFs; null where none was chosen. */
  paper: (typeof PAPERS)[number] | null;
  /** Entries of the account log at the end of the export; null in bundles of versions that did not say. */
  logSize: number | null;
}>;

export function formatAccount({ id, name, paper, logSize }: BundleAccount): string {
  return canonicalize({
    id,
    name,
    ...(paper !== null && { paper }),
    ...(logSize !== null && { account_log_size: logSize }),
  });
}

/** Null for bytes of another form. */
export function parseAccount(bytes: Uint8Array): BundleAccount | null {
  const json = readPlainJson(bytes);
  const parsed = json.ok ? schema.safeParse(json.value) : null;
  if (!parsed?.success) return null;
  const { id, name, paper = null, account_log_size: logSize = null } = parsed.data;
  return { id, name, paper, logSize };
}
