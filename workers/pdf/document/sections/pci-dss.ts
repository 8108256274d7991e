import { foldKind } from '../../../../shared/policy/safe-harbor-catalogue.ts';
import type { AnyReport } from '../../../../shared/reports/report-schema.ts';
import { type Html, html } from '../markup/html.ts';
import { dataTable, name, number, sentence } from '../markup/parts.ts';
import { namesLimit } from './names-limit.ts';
import type { SharedSection, Source } from './section.ts';

export const pciDss: SharedSection = { title: 'PCI-DSS scope', name: 'pci-dss', body };

const ACCOUNT = 'ACCOUNT';

function body({ report }: Source<AnyReport>): Html {
  const limit = namesLimit(report);
  const account = report.safe_harbor_detail.identifiers.find(({ key }) => key === 'J_account');
  const kinds = [...report.redactions_by_kind].filter(([kind]) => foldKind(kind) === ACCOUNT);
  const hasOtherNames = kinds.some(([kind]) => kind !== ACCOUNT);
  return html`<p>Card numbers are of the kind ${ACCOUNT}, as all account numbers are: card numbers cannot be told apart from
the others. These figures do not say whether cardholder data was said, and no detection does not say that there
was none.</p>
<p>Detections of the kind ${ACCOUNT}: ${number(account?.detected ?? 0)}. Policy coverage: ${account?.status ?? 'none'}.${
    account === undefined ? '' : html` ${sentence(account.reason)}`
  }</p>
${
  hasOtherNames
    ? dataTable(
        {
          caption: `Kinds as logged that are counted as ${ACCOUNT}${kinds.length > limit ? `, the first ${limit} of ${number(kinds.length)}` : ''}`,
          columns: [{ label: 'Kind as logged' }, { label: 'Redactions', kind: 'number' }],
          name: 'counts',
        },
        kinds.slice(0, limit).map(([kind, count]) => [name(kind), number(count)]),
      )
    : ''
}`;
}
