import {
  COSIGNED_AT,
  checkpointText,
  LOG,
  LOG_KEY,
  WITNESS_1,
  WITNESS_2,
  WITNESS_FORGED,
} from './account-log.ts';
import { type CorpusCase, KEY, oneCase, saying, WITNESSES } from './case.ts';
import { flip, noteOf, withSignature } from './keys.ts';
import { bothOf, good, withEvidence } from './logged-evidence.ts';

const { checkpoint, log_index: index } = good;

const LAST_SECOND = 253_402_300_799n;
const BEYOND = [LAST_SECOND + 1n, 8_640_000_000_000n, 8_640_000_000_001n, 2n ** 53n + 1n, 2n ** 63n - 1n];

export function witnessCases(): CorpusCase[] {
  const text = checkpointText(LOG);
  const cosigned = (...lines: string[]) => ({
    ...good,
    checkpoint: noteOf(text, LOG_KEY.line(text), ...lines),
  });
  const [one, two] = [WITNESS_1.line(text, COSIGNED_AT), WITNESS_2.line(text, COSIGNED_AT)];
  const late = [WITNESS_1.line(text, COSIGNED_AT + 86_400), one];
  const smaller = checkpointText(LOG.slice(0, -1));
  const case_ = (name: string, evidence: unknown, mark: string, options = WITNESSES as readonly string[]) =>
    oneCase(`witnesses: ${name}`, bothOf(withEvidence(evidence)), [...KEY, ...options], `vv--v${mark}--`);
  const changed = (change: (bytes: Buffer) => Buffer) => ({
    ...good,
    checkpoint: withSignature(checkpoint, 1, change),
  });
  return [
    case_('both, in the other order', cosigned(two, one), 'v'),
    case_('one of two', cosigned(one), '-'),
    case_('none', cosigned(), '-'),
    case_(
      'a bit of the signature flipped',
      changed((bytes) => flip(bytes, 200)),
      'x',
    ),
    case_(
      'a bit of the time flipped',
      changed((bytes) => flip(bytes, 90)),
      'x',
    ),
    case_(
      'a bit of the key id flipped',
      changed((bytes) => flip(bytes, 1)),
      '-',
    ),
    case_(
      'without a time',
      changed((bytes) => Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)])),
      'x',
    ),
    case_('a cosignature of a smaller checkpoint', cosigned(WITNESS_1.line(smaller, COSIGNED_AT), two), 'x'),
    case_(
      'a forged one beside the right ones',
      cosigned(WITNESS_FORGED.line(text, COSIGNED_AT), one, two),
      'v',
    ),
    case_('a forged one alone', cosigned(WITNESS_FORGED.line(text, COSIGNED_AT), two), '-'),
    case_(
      'a right and a wrong one of the same witness',
      cosigned(one, WITNESS_1.line(smaller, COSIGNED_AT), two),
      'x',
    ),
    case_('wrong, and another away', cosigned(WITNESS_1.line(smaller, COSIGNED_AT)), 'x'),
    ...[late, late.toReversed()].map((lines, i) =>
      saying(
        case_(`two of one witness, the later ${i === 0 ? 'first' : 'last'}`, cosigned(...lines, two), 'v'),
        {
          witnesses: 'w1 at 2026-05-04T09:20:00',
        },
      ),
    ),
    case_('at the last second of the year 9999', cosigned(WITNESS_1.line(text, LAST_SECOND), two), 'v'),
    ...BEYOND.map((seconds) =>
      case_(`beyond the year 9999, at second ${seconds}`, cosigned(WITNESS_1.line(text, seconds), two), 'x'),
    ),
    case_('at the first second', cosigned(WITNESS_1.line(text, 0), two), 'v'),
    oneCase(
      'witnesses: right, of a log that failed',
      bothOf(withEvidence({ ...good, log_index: index + 1 })),
      [...KEY, ...WITNESSES],
      'vv--x---',
    ),
    oneCase(
      'witnesses: wrong, of a log that failed',
      bothOf(withEvidence({ ...changed((bytes) => flip(bytes, 200)), log_index: 0 })),
      [...KEY, ...WITNESSES],
      'vv--x---',
    ),
    oneCase(
      'witnesses: wrong, without a key',
      bothOf(withEvidence(changed((bytes) => flip(bytes, 200)))),
      WITNESSES,
      '--------',
    ),
  ];
}
