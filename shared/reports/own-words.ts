// Words that are no caller's: the operator's own (names, policy, model, configuration) and the report's. A masked word
// that also stands there is no leak there, nor is a contact address that the operator wrote.
import { OriginalSearch } from './leak-originals.ts';
import { digitsOf } from './leak-patterns.ts';
import { type LeakShape, matchShapes } from './leak-shapes.ts';
import { searchForms } from './leak-text.ts';
import { type Words, wordsOf } from './leak-words.ts';
import type { Report, WideReport, WithoutSamples } from './report-schema.ts';
import { visitReports } from './visit-schema.ts';

/**
 * The members of a session's report that hold texts of the operator: a report has them, and what is sent without a
 * report states them. None is optional, so that no text is forgotten: a word that one side knows and the other does not
 * would let an entry leave with the one and not with the other. Null where there is no policy to read.
 */
export type SessionWords = Readonly<{
  scope: 'session';
  account: Report['account'];
  agent: Report['agent'];
  issued_to: Report['issued_to'];
  session: Pick<Report['session'], 'upstream_model'>;
  policy_snapshot: string | null;
  policy: Pick<Report['policy'], 'name' | 'passthrough_kinds'> | null;
  safe_harbor_detail: Pick<
    Report['safe_harbor_detail'],
    'unmapped_policy_kinds' | 'unread_policy_keys'
  > | null;
  audit_log: Pick<Report['audit_log'], 'key_id'>;
  baa_chain: Pick<Report['baa_chain'], 'text'>;
}>;

/** What holds the operator's texts. Every report does. */
export type ReportWords = SessionWords | WithoutSamples<WideReport>;

/** The operator's texts in a report, each once. */
export function operatorTexts(report: ReportWords): string[] {
  const texts = new Set<string>();
  if (Object.hasOwn(COLLECT, report.scope)) COLLECT[report.scope]?.(report, texts);
  return [...texts];
}

/** The words of our own that free text of a report may hold. */
export function catalogueWords(): string[] {
  return [...OUR_WORDS];
}

/** What is known of texts that are no caller's. */
export class OwnWords {
  readonly #texts: readonly string[];
  #squeezed?: string;
  #shapes?: Set<string>;
  #search?: OriginalSearch;

  constructor(texts: Iterable<string>) {
    this.#texts = [...texts];
  }

  /** Whether the texts hold this address, or this number in whatever groups. */
  holdsShape(shape: LeakShape, written: string): boolean {
    if (!this.#shapes) {
      this.#shapes = new Set();
      for (const form of this.#forms()) {
        for (const { shape: own, begin, end } of matchShapes(form)) {
          this.#shapes.add(plainValue(own, form.slice(begin, end)));
        }
      }
    }
    return this.#shapes.has(plainValue(shape, written));
  }

  /** Whether the texts hold this part of an address or a number, as written but for spaces: a line may cut it. */
  holdsPart(written: string): boolean {
    this.#squeezed ??= this.#forms().map(squeeze).join('\n');
    return this.#squeezed.includes(squeeze(written));
  }

  /** A text without the addresses and numbers that these texts hold too: a sign stands for each. Changes nothing else. */
  withoutShapes(text: string): string {
    if (ADDRESS_OR_NUMBER.test(text) && this.holdsPart(text)) return TAKEN_OUT;
    let rest = '';
    let from = 0;
    const places = [...matchShapes(text)].sort((a, b) => a.begin - b.begin);
    for (const { begin, end } of places) {
      if (begin < from || !this.holdsPart(text.slice(begin, end))) continue;
      rest += text.slice(from, begin) + TAKEN_OUT;
      from = end;
    }
    return rest + text.slice(from);
  }

  /** Whether one of the texts stands around the place in other words, from `begin` to `end` of their letters. */
  surrounds(words: Words, begin: number, end: number): boolean {
    // A longer text stands in none of the callers'.
    this.#search ??= new OriginalSearch(
      this.#texts.filter(({ length }) => length <= TERM_LENGTH_MAX),
      1,
    );
    return this.#search.find(words).some((own) => own.begin <= begin && end <= own.end);
  }

  /** The indexes of the originals that stand in one of the texts. */
  originalsWithin(search: OriginalSearch): Set<number> {
    const forms = this.#forms().map(wordsOf);
    return new Set(forms.flatMap((form) => [...search.find(form)].map(({ original }) => original)));
  }

  #forms(): string[] {
    return this.#texts.flatMap(searchForms);
  }
}

/** UTF-16 code units of a name, a model, a kind. */
const TERM_LENGTH_MAX = 512;

/** Stands in place of what is taken out of a text. Not a letter, a digit, or a sign that may stand within a number. */
export const TAKEN_OUT = '\u2016';
// Of a piece that is an operator's as a whole.
const ADDRESS_OR_NUMBER = /@|(?:\d\D{0,3}){9}/;

/** An address in lower case; a number's digits, a NANP number's without its country code. */
function plainValue(shape: LeakShape, written: string): string {
  if (shape === 'e-mail address') return squeeze(written);
  const digits = digitsOf(written);
  return shape === 'phone number' && digits.length === 11 ? digits.replace(/^1/, '') : digits;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}

/** Null where a schema holds no text of the operator's. */
type Collect = ((value: unknown, into: Set<string>) => void) | null;

const OUR_WORDS = new Set<string>();

// Members may be missing: of a session's report, `SessionWords` alone are there.
const COLLECT = visitReports<Collect>({
  nullable: (inner) => inner,
  array: (element) =>
    element &&
    ((value, into) => {
      for (const item of Array.isArray(value) ? value : []) element(item, into);
    }),
  object(all) {
    const members = all.filter(([, member]) => member !== null);
    if (members.length === 0) return null;
    return (value, into) => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, member] of members) member?.((value as Record<string, unknown>)[name], into);
    };
  },
  // The keys of every record of a report are a log's.
  record: () => null,
  freeText({ ourWords, isOperators }) {
    for (const word of ourWords) OUR_WORDS.add(word);
    if (!isOperators) return null;
    return (value, into) => {
      if (typeof value === 'string') into.add(value);
    };
  },
  typed: () => null,
});
