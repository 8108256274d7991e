// A process that walks a log of so many usual entries, and says whether it had vectors for it.
import { ChainHasher } from '../../shared/audit/chain.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { openVectorLanes } from '../../shared/merkle/sha256-lanes.ts';
import { KEY, LOG, layOut, usualLog } from './signed-log.ts';

if (import.meta.main) {
  const { bytes, begins, ends } = layOut(usualLog(Number(process.argv[2])));
  const walker = new LogWalker(LOG, new ChainHasher(KEY));
  const fault = walker.stepAll(bytes, begins, ends);
  const tree = new CompactRange();
  tree.append(walker.finish().range);
  console.log(JSON.stringify({ fault, root: tree.rootHex(), hasVectors: openVectorLanes() !== null }));
}
