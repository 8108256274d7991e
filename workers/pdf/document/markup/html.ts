// Markup that cannot be forged: only this template makes it, and whatever it takes in that is not itself markup is
// text, made printable and escaped.
import { printable } from './printable.ts';

class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Made by `html` alone. */
export type Html = Markup;
export type HtmlValue = Html | string | number | readonly HtmlValue[];

/** Template of an HTML fragment. Values may stand between tags and in attributes within double quotes. */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Markup(String.raw({ raw: markup }, ...values.map(toMarkup)));
}

function toMarkup(value: HtmlValue): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(toMarkup).join('');
  return printable(String(value)).replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}
