// Asks the witnesses beside the keeping of logs: one that takes its time delays nothing but its own line.
import { mayPassOver } from '../../shared/process/pass-over.ts';
import { type AskDeps, askWitness } from './ask-witness.ts';
import type { WitnessClient } from './witness-client.ts';

export type WitnessRounds = Readonly<{
  /** Has every witness asked about the account's newest checkpoint, soon. */
  begin(accountId: string): void;
  /** Breaks off what is under way, and begins no more. */
  stop(): Promise<void>;
}>;

/** Logs that a witness is asked about at once. */
const AT_ONCE = 4;

/** For so long a witness is left that does not answer: the sweep, which comes each half minute, begins again what waited. */
const REST_MS = 30_000;

export function createWitnessRounds(
  deps: AskDeps,
  witnesses: readonly WitnessClient[],
  now = () => performance.now(),
): WitnessRounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  const lines = witnesses.map((witness) => {
    const waiting = new Set<string>();
    const asking = new Map<string, Promise<void>>();
    let restsUntilMs = Number.NEGATIVE_INFINITY;

    async function ask(accountId: string): Promise<void> {
      try {
        const outcome = await askWitness(deps, accountId, witness, signal);
        if (outcome?.kind !== 'away' || !outcome.isSilent) return;
        restsUntilMs = now() + REST_MS;
        waiting.clear();
      } catch (error) {
        if (signal.aborted) return;
        const about = { account_id: accountId, witness: witness.key.name, err: error };
        deps.log.warn(about, 'a witness could not be asked: it is asked again');
        if (!mayPassOver(error)) waiting.clear();
      }
    }

    function serve(): void {
      for (const accountId of waiting) {
        if (signal.aborted || asking.size >= AT_ONCE) return;
        // It is asked about the checkpoint of by then once it has answered.
        if (asking.has(accountId)) continue;
        waiting.delete(accountId);
        const asked = ask(accountId).finally(() => {
          asking.delete(accountId);
          serve();
        });
        asking.set(accountId, asked);
      }
    }

    return {
      asking,
      begin(accountId: string) {
        if (now() < restsUntilMs) return;
        waiting.add(accountId);
        serve();
      },
    };
  });

  return {
    begin: (accountId) => {
      for (const { begin } of lines) begin(accountId);
    },
    async stop() {
      stopping.abort();
      await Promise.all(lines.flatMap(({ asking }) => [...asking.values()]));
    },
  };
}
