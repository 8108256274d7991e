// Numbers as pages of the console show them.
import assert from 'node:assert/strict';
import type { PageDocument } from './pages.ts';

/** The cells of the table whose caption begins so, its headings first. */
export function readTable(page: PageDocument, caption: string): string[][] {
  const tables = [...page.querySelectorAll('table')];
  const found = tables.find((table) => oneLine(table.querySelector('caption')).startsWith(caption));
  assert.ok(found, `no table ${caption}`);
  return [...found.querySelectorAll('tr')].map((row) => [...row.children].map(oneLine));
}

/** The figures of a page by their names, and where each leads. */
export function readFigures(page: PageDocument): Map<string, { value: string; href: string | null }> {
  const figures = [...page.querySelectorAll('.figures > div')].map((figure) => {
    const value = figure.querySelector('dd');
    const about = oneLine(value?.querySelector('small'));
    const href = value?.querySelector('a')?.getAttribute('href') ?? null;
    const text = oneLine(value);
    return [
      oneLine(figure.querySelector('dt')),
      { value: text.slice(0, text.length - about.length).trim(), href },
    ] as const;
  });
  return new Map(figures);
}

/** The texts of a page's elements. */
export function textsOf(page: PageDocument, selector: string): string[] {
  return [...page.querySelectorAll(selector)].map(oneLine);
}

function oneLine(element: Readonly<{ textContent: string | null }> | null | undefined): string {
  return (element?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
}
