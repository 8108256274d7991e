import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bundleDir } from '../support/bundles.ts';
import { runScript } from '../support/commands.ts';
import { type Cut, startCuttingProxy } from '../support/cutting-proxy.ts';
import { createImportWorld, dump } from '../support/import-world.ts';

const CUTS: Cut[] = ['answered', 'sent', 'before', 'answered', 'answered'];

for (const collection of ['policies', 'sessions', 'audit_segments']) {
  it(`an import stores the same, and says so, where replies to its writes of ${collection} are lost`, async (t) => {
    const [whole, cut] = [await createImportWorld(t), await createImportWorld(t)];
    const { hostname: host, port } = new URL(cut.uri);
    const proxy = await startCuttingProxy({ host, port: Number(port) }, collection);
    t.after(() => proxy.close());
    const bundle = bundleDir('other-clinic');
    const expected = await whole.importDir(bundle);
    assert.equal(expected.code, 0);
    proxy.cutNext(...CUTS);
    const env = { ...cut.env, MONGODB_URI: `mongodb://127.0.0.1:${proxy.port}` };
    const imported = await runScript('import.ts', [bundle], env);
    assert.deepEqual([imported.code, imported.stdout], [0, expected.stdout], imported.stderr);
    assert.equal(proxy.pending(), 0);
    assert.deepEqual(await dump(cut), await dump(whole));
  });
}
