// What `npm run openapi` writes, made from the specs of the routes and from the table of errors.
import pkg from '../package.json' with { type: 'json' };
import { createDocument } from './http/openapi/document.ts';
import { ROUTES } from './routes/index.ts';

export { ERRORS_MARKDOWN, REASONS_MARKDOWN } from './http/openapi/error-tables.ts';

/** The OpenAPI document of this version. */
export function currentDocument(): object {
  return createDocument(ROUTES, pkg.version);
}
