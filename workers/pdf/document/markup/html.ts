import { createHtmlTemplate } from '../../../../shared/markup/html-template.ts';
import { printable } from './printable.ts';

export { freeText, type Html, type HtmlValue } from '../../../../shared/markup/html-template.ts';

/** Template of an HTML fragment of the PDF: what has no glyph, or would act on the text beside it, prints as an escape. */
export const html = createHtmlTemplate(printable);
