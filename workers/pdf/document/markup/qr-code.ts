import encodeQr from 'qr';
import { type Html, html } from './html.ts';

/** Modules of the light border that readers need (ISO/IEC 18004, 6.3.8). */
const QUIET_ZONE = 4;

/** A QR code of a text, as one path. `words` is the alternative text. Equal texts give equal paths. */
export function qrCode(text: string, words: string): Html {
  const rows = encodeQr(text, 'raw', { ecc: 'medium', encoding: 'byte', border: QUIET_ZONE });
  return html`<svg class="qr" role="img" aria-label="${words}" viewBox="0 0 ${rows.length} ${rows.length}" shape-rendering="crispEdges">
<title>${words}</title>
<path d="${rows.flatMap(drawRow).join('')}"/>
</svg>
`;
}

/** The runs of dark modules of a row, one rectangle each. */
function drawRow(row: readonly boolean[], y: number): string[] {
  const runs: string[] = [];
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    const begin = x;
    while (row[x + 1]) x += 1;
    runs.push(`M${begin} ${y}h${x + 1 - begin}v1h-${x + 1 - begin}z`);
  }
  return runs;
}
