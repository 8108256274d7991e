// Markup that cannot be forged: only a template makes it, and it makes every other value printable and escapes it. PDFs
// and the console make text printable in different ways, so each has a template of its own.
//
// Each fragment is written twice, whole and without free text, so that the leak scan of a PDF knows which words on its
// pages are the document's own.

class Markup {
  readonly #whole: string;
  readonly #own: string;

  constructor(whole: string, own: string) {
    this.#whole = whole;
    this.#own = own;
  }

  /** The markup with everything in it. */
  toString(): string {
    return this.#whole;
  }

  /** The markup as it would be, were every free text in it empty. */
  withoutFreeText(): string {
    return this.#own;
  }
}

class FreeText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Made by a template alone. */
export type Html = Markup;
/** What may stand in a template: a string is text, and never markup. */
export type HtmlValue = Html | FreeText | string | number | readonly HtmlValue[];
/**
 * Template of an HTML fragment. Values may stand between tags and in attributes within double quotes. A string is taken
 * for the document's own words; free text has to be marked where own words count.
 */
export type HtmlTemplate = (markup: TemplateStringsArray, ...values: readonly HtmlValue[]) => Html;

/** Marks a text that came from somewhere else: a name, a kind, configuration, a conversation. */
export function freeText(text: string): HtmlValue {
  return new FreeText(text);
}

const SPECIAL = /[&<>"'`]/;
const EVERY_SPECIAL = new RegExp(SPECIAL, 'g');

function escapeChar(char: string): string {
  return `&#${char.charCodeAt(0)};`;
}

/** A template whose texts are made printable by a function first, and then escaped. */
export function createHtmlTemplate(printable: (text: string) => string): HtmlTemplate {
  const escapeText = (text: string): string => {
    const shown = printable(text);
    return SPECIAL.test(shown) ? shown.replaceAll(EVERY_SPECIAL, escapeChar) : shown;
  };

  return function html(markup, ...values) {
    let whole = markup[0] as string;
    let own = whole;
    const add = (value: HtmlValue): void => {
      if (value instanceof Markup) {
        whole += value.toString();
        own += value.withoutFreeText();
      } else if (value instanceof FreeText) {
        whole += escapeText(value.text);
      } else if (typeof value === 'object') {
        for (const item of value) add(item);
      } else {
        const text = escapeText(String(value));
        whole += text;
        own += text;
      }
    };
    for (let i = 0; i < values.length; i += 1) {
      add(values[i] as HtmlValue);
      const next = markup[i + 1] as string;
      whole += next;
      own += next;
    }
    return new Markup(whole, own);
  };
}
