// Payloads that no row names, and rows that name payloads which are not stored. No log says anything of either.
import type { Db } from 'mongodb';
import { createFleetPayloads } from '../../shared/sessions/fleet-payloads.ts';
import type { FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import { inPages } from './in-pages.ts';
import { type Remains, remains } from './remains.ts';

/**
 * Looks at every document's id and at every row that names one. Leaves out what was stored after `before`. Rejects with
 * the driver's error.
 */
export async function* findPayloads(db: Db, fleet: FleetSessions, before: Date): AsyncGenerator<Remains> {
  const payloads = createFleetPayloads(db);
  for await (const documents of inPages(payloads.list())) {
    const [named, stored] = await Promise.all([
      payloads.findNamed(documents.map(({ id }) => id)),
      fleet.findStored(documents),
    ]);
    for (const document of documents) {
      const { id, unsettledSince: since } = document;
      // A younger one may be about to be named, or removed by the sweep.
      if (named.has(id) || (since !== null && since >= before)) continue;
      yield stored(document) === null
        ? remains('payloads_without_session', document, {}, WITHOUT_SESSION)
        : remains('payloads_not_named', document, {}, NOT_NAMED);
    }
  }
  for await (const rows of inPages(payloads.listNaming())) {
    const stored = await payloads.findStored(rows.map(({ id }) => id));
    for (const row of rows) {
      if (!stored.has(row.id)) yield remains('payloads_missing', row, {}, MISSING);
    }
  }
}

const WITHOUT_SESSION =
  'no session, but payloads of it: what was said in a call is kept for nobody (remove them from session_payloads, or bring the session back)';
const NOT_NAMED =
  'payloads that its row does not name: nothing shows them (compare the row with a backup; remove them from session_payloads if the row is right)';
const MISSING =
  'its row names payloads that are not stored: its reports are refused, since nobody can tell whether they repeat them (import the session again, or bring session_payloads back from a backup)';
