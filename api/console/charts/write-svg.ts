// What Plot drew, as markup. It is written anew by the console's own template: elements and attributes are those in the
// two tables below, everything else is left out, and every text and value is escaped like any other on the page. So no
// name of a kind can become markup here, whatever Plot or its document do with it. Styles, classes and ids are not in the
// tables: the policy of the pages forbids the first, and several charts on a page would share the others.
import { type Html, html, nothing } from '../markup/html.ts';

type WriteElement = (attributes: readonly Html[], content: readonly Html[]) => Html;

const ELEMENTS: ReadonlyMap<string, WriteElement> = new Map(
  Object.entries<WriteElement>({
    g: (attributes, content) => html`<g${attributes}>${content}</g>`,
    line: (attributes, content) => html`<line${attributes}>${content}</line>`,
    path: (attributes, content) => html`<path${attributes}>${content}</path>`,
    rect: (attributes, content) => html`<rect${attributes}>${content}</rect>`,
    text: (attributes, content) => html`<text${attributes}>${content}</text>`,
    title: (attributes, content) => html`<title${attributes}>${content}</title>`,
  }),
);

type WriteAttribute = (value: string) => Html;

const ATTRIBUTES: ReadonlyMap<string, WriteAttribute> = new Map(
  Object.entries<WriteAttribute>({
    d: (value) => html` d="${value}"`,
    fill: (value) => html` fill="${value}"`,
    'font-variant': (value) => html` font-variant="${value}"`,
    height: (value) => html` height="${value}"`,
    stroke: (value) => html` stroke="${value}"`,
    'stroke-opacity': (value) => html` stroke-opacity="${value}"`,
    'text-anchor': (value) => html` text-anchor="${value}"`,
    transform: (value) => html` transform="${value}"`,
    width: (value) => html` width="${value}"`,
    x: (value) => html` x="${value}"`,
    x1: (value) => html` x1="${value}"`,
    x2: (value) => html` x2="${value}"`,
    y: (value) => html` y="${value}"`,
    y1: (value) => html` y1="${value}"`,
    y2: (value) => html` y2="${value}"`,
  }),
);

/** The part of a document's node that is read here. An element has a name and attributes, a text has neither. */
export type DrawnNode = Readonly<{
  nodeType: number;
  localName?: string;
  textContent: string | null;
  childNodes: Iterable<DrawnNode>;
  attributes?: Iterable<Readonly<{ name: string; value: string }>>;
}>;

export type SvgFrame = Readonly<{
  /** What the picture is, for a reader who does not see it. */
  name: string;
  width: number;
  height: number;
  /** Patterns that the drawing fills its shapes with. */
  defs?: Html;
}>;

/** A drawing of Plot's, of this size in pixels, as one picture with a name. */
export function writeSvg(drawing: DrawnNode, { name, width, height, defs = nothing }: SvgFrame): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}" text-anchor="middle" fill="currentColor">${defs}${writeChildren(drawing)}</svg>`;
}

function writeChildren(parent: DrawnNode): Html[] {
  return [...parent.childNodes].map((node) =>
    node.nodeType === TEXT_NODE ? html`${node.textContent ?? ''}` : writeElement(node),
  );
}

function writeElement(element: DrawnNode): Html {
  const write = ELEMENTS.get(element.localName ?? '');
  if (!write) return nothing;
  const attributes = [...(element.attributes ?? [])].flatMap(
    ({ name, value }) => ATTRIBUTES.get(name)?.(shorten(value)) ?? [],
  );
  return write(attributes, writeChildren(element));
}

const TEXT_NODE = 3;

/** A hundredth of a pixel is enough; Plot writes sixteen digits. */
function shorten(value: string): string {
  return value.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
}
