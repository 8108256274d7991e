// Observable Plot, and a document for it to draw in. Both are loaded at the first chart: an API that shows none starts as
// quickly and stays as small as without them.
import type * as Plot from '@observablehq/plot';

/** `document` is Plot's own type of it: this program has no types of the browser. */
export type Plotter = Readonly<{ Plot: typeof Plot; document: NonNullable<Plot.PlotOptions['document']> }>;

let loading: Promise<Plotter> | null = null;

/** The same for every chart of the process. */
export function loadPlot(): Promise<Plotter> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Plotter> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return { Plot: plot, document };
}
