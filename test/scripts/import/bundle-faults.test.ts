// Faults of a bundle as a whole: each has an outcome that names the file and what to do.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readLines } from '../../../scripts/import/read-lines.ts';
import { ENTRY_LIMIT } from '../../../shared/audit/chain.ts';
import { bundleDir, copyBundle } from '../../support/bundles.ts';
import { changeFile, copyCase } from '../../support/cases.ts';
import { clinic, createImportWorld, dump } from '../../support/import-world.ts';

const POLICY = 'policies/healthcare-default@1.yaml';
const FILES = ['agents.ndjson', 'sessions.ndjson', 'audit.ndjson', POLICY];

/** Imports a changed copy of a bundle of three sessions. */
async function importChanged(t: TestContext, change: (dir: string) => Promise<void>) {
  const world = await createImportWorld(t);
  const dir = await copyCase(t, 'appledouble');
  await change(dir);
  const result = await world.importDir(dir);
  return { world, code: result.code, said: result.stdout + result.stderr };
}

const text = (bytes: Buffer) => bytes.toString();

describe('a file that only its form tells from an export’s', () => {
  for (const file of FILES.slice(0, 3)) {
    it(`${file} with CRLF line ends after a byte order mark is taken`, async (t) => {
      const { code, said } = await importChanged(t, (dir) =>
        changeFile(dir, file, (bytes) => `\ufeff${text(bytes).replaceAll('\n', '\r\n')}`),
      );
      assert.equal(code, 0, said);
      assert.match(said, /12 entries; 3 sessions imported/);
    });
  }

  it('a policy after a byte order mark is taken with its mark, which breaks the seals over it', async (t) => {
    const { code, said } = await importChanged(t, (dir) =>
      changeFile(dir, POLICY, (bytes) => `\ufeff${text(bytes)}`),
    );
    assert.equal(code, 2);
    assert.match(said, /1 agents, 1 policies.* 3 sessions refused/);
    assert.match(said, /refused sess_\w+: seal_mismatch/);
    assert.match(
      said,
      /warning policies\/.*: begins with a byte order mark.*take the mark off if the export/,
    );
  });

  for (const file of FILES) {
    it(`${file} in gzip, after a byte order mark, is taken`, async (t) => {
      const { code, said } = await importChanged(t, async (dir) => {
        const mark = file === POLICY ? '' : '\ufeff';
        await changeFile(dir, file, (bytes) => gzipSync(mark + text(bytes)), `${file}.gz`);
      });
      assert.equal(code, 0, said);
      assert.match(said, /12 entries; 3 sessions imported/);
    });

    it(`${file} beside ${file}.gz is refused, naming both`, async (t) => {
      const { code, said } = await importChanged(t, async (dir) => {
        await cp(join(dir, file), join(dir, `${file}.gz`));
        await changeFile(dir, `${file}.gz`, gzipSync);
      });
      assert.equal(code, 2);
      assert.ok(said.includes(`${file} and ${file.replace('policies/', '')}.gz`), said);
    });

    it(`${file} that is gzipped under the name of a plain file is refused by that`, async (t) => {
      const { code, said } = await importChanged(t, (dir) => changeFile(dir, file, gzipSync));
      assert.equal(code, 2);
      assert.match(said, new RegExp(`${file}:? is gzipped: add \\.gz to its name`));
    });

    it(`${file}.gz that is cut is refused as cut, and nothing of the bundle is stored`, async (t) => {
      const { world, code, said } = await importChanged(t, async (dir) => {
        await changeFile(dir, file, (bytes) => gzipSync(bytes).subarray(0, -20), `${file}.gz`);
      });
      assert.equal(code, 2);
      assert.match(said, new RegExp(`${file}\\.gz:? is cut short: its gzip data ends early; copy it again`));
      assert.deepEqual((await dump(world)).flat(), []);
    });

    it(`a folder in the place of ${file} is refused by that`, async (t) => {
      const { code, said } = await importChanged(t, async (dir) => {
        await rm(join(dir, file));
        await mkdir(join(dir, file));
      });
      assert.equal(code, 2);
      assert.match(said, new RegExp(`${file}:? (is not a file|cannot be read \\(EISDIR\\))`));
    });
  }

  it('a .gz file with other data after its gzip data is refused', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      const glue = (bytes: Buffer) => Buffer.concat([gzipSync(bytes), Buffer.from('{"session_id":""}\n')]);
      await changeFile(dir, 'audit.ndjson', glue, 'audit.ndjson.gz');
    });
    assert.equal(code, 2);
    assert.match(said, /audit\.ndjson\.gz holds damaged gzip data/);
  });

  it('a .gz file with data behind a zero byte, where unzipping stops, is refused', async (t) => {
    const glue = (bytes: Buffer) => Buffer.concat([gzipSync(bytes), Buffer.alloc(1), gzipSync(bytes)]);
    for (const file of ['audit.ndjson', POLICY]) {
      const { code, said } = await importChanged(t, (dir) => changeFile(dir, file, glue, `${file}.gz`));
      assert.equal(code, 2);
      assert.match(said, new RegExp(`${file}\\.gz:? holds \\d+ bytes after its gzip data`));
    }
  });

  it('an entry of the greatest length is taken with its CRLF, and one byte more is not', async (t) => {
    const dir = await copyCase(t, 'appledouble');
    const lengthsRead = async (line: string) => {
      await writeFile(join(dir, 'audit.ndjson'), line);
      const read = await Array.fromAsync(readLines(join(dir, 'audit.ndjson'), ENTRY_LIMIT));
      return read.flat().map(({ bytes }) => bytes?.length ?? null);
    };
    const longest = 'x'.repeat(ENTRY_LIMIT);
    assert.deepEqual(await lengthsRead(`\ufeff${longest}\r\n${longest}`), [ENTRY_LIMIT, ENTRY_LIMIT]);
    assert.deepEqual(await lengthsRead(`\ufeff${longest}x\r\n${longest}xxxx`), [null, null]);
  });

  it('a file name cannot write lines or colours of its own to the terminal', async (t) => {
    const { said } = await importChanged(t, (dir) =>
      writeFile(join(dir, 'policies/x\n\u001b[2Jrefused sess_1'), ''),
    );
    assert.match(said, /^refused policies\/x\\u\{a\}\\u\{1b\}\[2Jrefused sess_1: is not read/m);
  });

  it('a file whose name differs in case is named, alone or beside the right one', async (t) => {
    const alone = await importChanged(t, (dir) =>
      rename(join(dir, 'audit.ndjson'), join(dir, 'Audit.NDJSON')),
    );
    assert.deepEqual([alone.code, /Audit\.NDJSON must be named in lower case/.test(alone.said)], [2, true]);
    const beside = await importChanged(t, (dir) =>
      cp(join(dir, 'audit.ndjson'), join(dir, 'AUDIT.ndjson.gz')),
    );
    assert.deepEqual([beside.code, /AUDIT\.ndjson\.gz and audit\.ndjson/.test(beside.said)], [2, true]);
  });

  it('a missing audit.ndjson is an error that names it', async (t) => {
    const { code, said } = await importChanged(t, (dir) => rm(join(dir, 'audit.ndjson')));
    assert.equal(code, 1);
    assert.match(said, /audit\.ndjson \(or audit\.ndjson\.gz\) is not in/);
  });

  it('files in policies/ that are no policies are problems, and the rest is imported', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      for (const name of ['new@2.yam', 'policies.bak', 'notes@1.yaml~'])
        await writeFile(join(dir, 'policies', name), '');
    });
    assert.equal(code, 2);
    for (const name of ['new@2\\.yam', 'policies\\.bak', 'notes@1\\.yaml~'])
      assert.match(
        said,
        new RegExp(`^refused policies/${name}: is not read: a policy is named NAME@VERSION\\.yaml`, 'm'),
      );
    assert.match(said, /3 sessions imported.* 0 sessions refused, .* 3 problems, 0 warnings/);
  });

  it('files beside those of an export are named ten times, then counted, and the rest is imported', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      await writeFile(join(dir, 'expected.json'), '{}');
      await writeFile(join(dir, '._agents.ndjson'), '');
      await mkdir(join(dir, 'policies.bak'));
      for (let i = 2; i < 13; i += 1) await writeFile(join(dir, `sessions${i}.ndjson`), '');
    });
    assert.equal(code, 2);
    assert.match(said, /^refused policies\.bak: is not read: an export has agents\.ndjson, /m);
    assert.equal(said.match(/^refused sessions\d+\.ndjson: is not read/gm)?.length, 9);
    assert.match(said, /^refused the folder: 2 more files are not read/m);
    assert.match(said, /3 sessions imported.* 11 problems, 0 warnings/);
  });
});

describe('a bundle that would lose entries', () => {
  it('a sessions.ndjson that is cut in half names the entries of the missing sessions, and exits 2', async (t) => {
    const world = await createImportWorld(t);
    const bundle = await copyBundle(t, 'clinic-week');
    const rows = await bundle.readLines('sessions.ndjson');
    await bundle.writeLines('sessions.ndjson', rows.slice(0, 60));
    const result = await world.importDir(bundle.dir);
    assert.equal(result.code, 2);
    const lost = rows.slice(60).map((line) => (JSON.parse(line) as { id: string }).id);
    const entries = lost.reduce((sum, id) => sum + clinic.sessions[id]!.event_count, 0);
    const sessions = lost.filter((id) => clinic.sessions[id]!.event_count > 0).length;
    assert.match(
      result.stdout,
      new RegExp(
        `refused audit\\.ndjson: ${entries} entries of ${sessions} sessions belong to no row.* and ${sessions - 10} more;`,
      ),
    );
    const [named] = /belong to no row.*/.exec(result.stdout)!;
    assert.equal(new Set(named.match(/sess_\w+/g)).size, 10);
    assert.ok(named.match(/sess_\w+/g)!.every((id) => lost.includes(id)));
    assert.match(
      result.stdout,
      new RegExp(`60 sessions imported.*${entries} entries without a row, 1 problems`),
    );
    assert.equal(await world.db.collection('sessions').countDocuments(), 60);
  });

  it('a sessions.ndjson that ends within a row names the row, and the entries of its session', async (t) => {
    const { code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'sessions.ndjson', (bytes) => bytes.subarray(0, -100)),
    );
    assert.equal(code, 2);
    assert.match(said, /refused sessions\.ndjson:3: not JSON/);
    assert.match(said, /4 entries of 1 sessions belong to no row.*sess_01KT07NV00CE60N8Y8772W5HS8/);
    assert.match(said, /2 sessions imported.* 1 sessions refused, 4 entries without a row, 2 problems/);
  });

  it('an empty sessions.ndjson names all sessions, and nothing of the bundle is stored', async (t) => {
    const { world, code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'sessions.ndjson', () => ''),
    );
    assert.equal(code, 2);
    assert.match(said, /12 entries of 3 sessions belong to no row/);
    assert.match(said, /nothing was written/);
    assert.deepEqual((await dump(world)).flat(), []);
  });

  it('a log that ends within an entry is refused with the line, and the others are taken', async (t) => {
    const { code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'audit.ndjson', (bytes) => bytes.subarray(0, -100)),
    );
    assert.equal(code, 2);
    assert.match(said, /refused audit\.ndjson:12: is not an audit entry of a session/);
    assert.match(said, /refused sess_\w+: truncated at seq 3/);
    assert.match(said, /2 sessions imported/);
  });

  it('a session without any of its entries is refused, truncated', async (t) => {
    const { code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'audit.ndjson', (bytes) =>
        text(bytes)
          .split('\n')
          .filter((line) => !line.includes('"session_id":"sess_01KT07NV00HSREV4ST0XD6P1QQ"'))
          .join('\n'),
      ),
    );
    assert.equal(code, 2);
    assert.match(said, /refused sess_01KT07NV00HSREV4ST0XD6P1QQ: truncated at seq 0/);
    assert.match(said, /2 sessions imported/);
  });

  it('lines without a session are named ten times, then counted', async (t) => {
    const { code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'audit.ndjson', (bytes) => text(bytes) + '{}\n'.repeat(2_000)),
    );
    assert.equal(code, 2);
    assert.equal(said.match(/refused audit\.ndjson:\d+: is not an audit entry/g)?.length, 10);
    assert.match(said, /refused audit\.ndjson: 1990 more lines: each is not an audit entry/);
  });

  it('a session that two rows name is refused once, also where one row cannot be read', async (t) => {
    const { code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'sessions.ndjson', (bytes) => {
        const [first = ''] = text(bytes).split('\n');
        return `${text(bytes)}${first.replace('"status":"ok"', '"status":"fine"')}\n`;
      }),
    );
    assert.equal(code, 2);
    assert.match(said, /refused sessions\.ndjson:4: sess_01KT07NV00HSREV4ST0XD6P1QQ: status: must be one of/);
    assert.match(said, /2 sessions imported.* 1 sessions refused, 0 entries without a row, 1 problems/);
  });

  it('an agent that is listed twice is named, and its first row taken', async (t) => {
    const { world, code, said } = await importChanged(t, (dir) =>
      changeFile(dir, 'agents.ndjson', (bytes) => `${text(bytes)}${text(bytes).replace('"desk"', '"till"')}`),
    );
    assert.equal(code, 2);
    assert.match(said, /refused agents\.ndjson:2: agt_\w+ is listed twice: the first row is taken/);
    assert.equal((await world.db.collection('agents').findOne())?.name, 'desk');
  });
});

describe('a bundle that holds what is not known', () => {
  const onFirst = (change: (row: string) => string) => (bytes: Buffer) => {
    const [first = '', ...rest] = text(bytes).split('\n');
    return [change(first), ...rest].join('\n');
  };

  it('a session row with an unknown member is refused, naming it, and the others are taken', async (t) => {
    for (const [from, to, named] of [
      ['{', '{"region":"eu","__proto__":1,', '"region", "__proto__"'],
      ['"log":{', '"log":{"root":"ab",', '"log\\.root"'],
    ] as const) {
      const { world, code, said } = await importChanged(t, (dir) =>
        changeFile(
          dir,
          'sessions.ndjson',
          onFirst((row) => row.replace(from, to)),
        ),
      );
      assert.equal(code, 2);
      assert.match(
        said,
        new RegExp(
          `^refused sessions\\.ndjson:1: sess_\\w+: holds members that are not known .*: ${named}$`,
          'm',
        ),
      );
      assert.match(said, /2 sessions imported.* 1 sessions refused/);
      assert.equal(await world.db.collection('sessions').countDocuments(), 2);
    }
  });

  it('an agent row with an unknown member is refused by its line, naming it', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      const other = '{"id":"agt_01KT07NV00HSREV4ST0XD6P1QQ","name":"n","policy_name":"p"';
      await changeFile(dir, 'agents.ndjson', (bytes) => {
        const { account_id: account } = JSON.parse(text(bytes)) as { account_id: string };
        return `${text(bytes)}${other},"account_id":"${account}","owner":"x"}\n`;
      });
    });
    assert.equal(code, 2);
    assert.match(said, /^refused agents\.ndjson:2: holds members that are not known .*: "owner"$/m);
    assert.match(said, /1 agents, .* 3 sessions imported/);
  });

  it('a stored session of which the bundle says something else that no seal covers is refused, naming it', async (t) => {
    const world = await createImportWorld(t);
    const dir = await copyCase(t, 'appledouble');
    assert.equal((await world.importDir(dir)).code, 0);
    const { account_id: account } = JSON.parse(await readFile(join(dir, 'agents.ndjson'), 'utf8')) as {
      account_id: string;
    };
    const before = await dump(world);
    await changeFile(
      dir,
      'sessions.ndjson',
      onFirst((row) =>
        JSON.stringify({ ...JSON.parse(row), upstream_model: 'm2', stage_durations_ms: { x: 1 } }),
      ),
    );
    const again = await world.importDir(dir, '--account', account);
    assert.equal(again.code, 2);
    assert.match(
      again.stdout,
      /^refused sess_\w+: is stored already, with other upstream_model, stage_durations_ms: nothing was replaced$/m,
    );
    assert.match(again.stdout, /2 stored already, 1 sessions refused/);
    assert.deepEqual(await dump(world), before);
  });

  it('stored payloads that differ are refused, and none in the bundle are no difference', async (t) => {
    const world = await createImportWorld(t);
    const bundle = await copyBundle(t, 'clinic-week');
    assert.equal((await world.importDir(bundle.dir)).code, 0);
    const rows = await bundle.readLines('sessions.ndjson');
    const at = rows.findIndex((row) => row.includes('"payloads":{'));
    const importWith = async (payloads: unknown) => {
      const row = JSON.stringify({ ...JSON.parse(rows[at]!), payloads });
      await bundle.writeLines('sessions.ndjson', rows.with(at, row));
      return await world.importDir(bundle.dir, '--account', clinic.account_id);
    };
    const other = await importWith({ request: 'x', masked: 'x', response: 'x' });
    assert.equal(other.code, 2);
    assert.match(
      other.stdout,
      /^refused sess_\w+: is stored already, with other payloads: nothing was replaced$/m,
    );
    assert.equal((await importWith(null)).code, 0);
  });

  it('entries with unknown members or of an unknown kind are stored, and warned of with their lines', async (t) => {
    const world = await createImportWorld(t);
    const { code, stdout } = await world.importDir(bundleDir('other-clinic'));
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /^warning audit\.ndjson\.gz: \d+ entries have members or a kind that are not known; they are kept and hashed, and what they mean is in no report: members "\w+" \(audit\.ndjson\.gz:\d+\), .* and \d+ more/m,
    );
  });
});

describe('the policies of a bundle', () => {
  it('a policy that cannot be unzipped refuses its sessions, and the rest goes on', async (t) => {
    const world = await createImportWorld(t);
    const { dir } = await copyBundle(t, 'clinic-week');
    await rename(join(dir, POLICY), join(dir, `${POLICY}.gz`));
    const result = await world.importDir(dir);
    assert.equal(result.code, 2);
    assert.match(result.stdout, /refused policies\/healthcare-default@1\.yaml\.gz: is named \.gz/);
    const [, imported, refused] = /(\d+) sessions imported.* (\d+) sessions refused/.exec(result.stdout)!;
    assert.equal(Number(imported) + Number(refused), 120);
    assert.ok(Number(imported) > 0);
    const policies = await world.db.collection('policies').find().toArray();
    assert.deepEqual(
      policies.map(({ name }) => name),
      ['billing-strict'],
    );
  });

  it('a damaged policy text is not stored, so that it is no obstacle to the true one', async (t) => {
    const world = await createImportWorld(t);
    const { dir } = await copyBundle(t, 'clinic-week');
    await changeFile(dir, POLICY, (bytes) => `${text(bytes)}# edited\n`);
    const first = await world.importDir(dir);
    assert.equal(first.code, 2);
    assert.match(first.stdout, /seal_mismatch/);
    const again = await world.importDir(bundleDir('clinic-week'), '--account', clinic.account_id);
    assert.equal(again.code, 0, again.stdout);
    assert.match(again.stdout, /0 sessions refused.* 0 problems/);
  });

  it('a policy whose gzip data unfolds to more than a policy may have is refused as too large', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      await changeFile(dir, POLICY, () => gzipSync(Buffer.alloc(64 * 1024 * 1024, '#')), `${POLICY}.gz`);
    });
    assert.equal(code, 2);
    assert.match(said, /healthcare-default@1\.yaml\.gz: is larger than 256 KiB/);
  });

  it('a policy file name that macOS decomposed is the policy’s', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      await changeFile(
        dir,
        POLICY,
        (bytes) => text(bytes).replace('healthcare-default', 'médecins'),
        `policies/${'médecins@1.yaml'.normalize('NFD')}`,
      );
    });
    assert.doesNotMatch(said, /has another name or version/);
    assert.match(said, /1 agents, 1 policies/);
    assert.equal(code, 2, 'the sessions name another policy');
  });

  for (const form of ['NFC', 'NFD'] as const) {
    it(`of two policies that differ in composition alone, each is taken by its own name, sessions under ${form}`, async (t) => {
      const { code, said, world } = await importChanged(t, async (dir) => {
        const policy = (await readFile(join(dir, POLICY))).toString();
        const names = { NFC: 'f\u00fcr', NFD: 'fu\u0308r' };
        for (const name of Object.values(names)) {
          const named = policy.replace('healthcare-default', name);
          await writeFile(join(dir, `policies/${name}@1.yaml`), named);
        }
        // A session without a seal covers no policy text.
        await changeFile(dir, 'sessions.ndjson', (bytes) =>
          text(bytes)
            .replaceAll('healthcare-default', names[form])
            .replaceAll(/"seal":"[0-9a-f]+"/g, '"seal":null'),
        );
      });
      assert.equal(code, 0, said);
      assert.match(said, /3 policies, .* 3 sessions imported/);
      const stored = await world.db.collection('policies').find({ name: /f.*r/ }).toArray();
      assert.equal(
        new Set(stored.map(({ name, text }) => `${name} ${/^name: (.*)$/m.exec(text)?.[1]}`)).size,
        2,
      );
    });
  }

  it('of two spellings of one file name, the one that is not its text’s is refused', async (t) => {
    const { code, said } = await importChanged(t, async (dir) => {
      const policy = (await readFile(join(dir, POLICY))).toString().replace('healthcare-default', 'f\u00fcr');
      for (const name of ['f\u00fcr', 'fu\u0308r'])
        await writeFile(join(dir, `policies/${name}@1.yaml`), policy);
    });
    assert.equal(code, 2);
    assert.match(said, /2 policies, .* 3 sessions imported/);
    assert.match(said, /refused policies\/fu\u0308r@1\.yaml: has another name or version than its file name/);
  });

  it('a policy version that is stored with another text is refused by name, with its sessions', async (t) => {
    const world = await createImportWorld(t);
    const dir = bundleDir('clinic-week');
    assert.equal((await world.importDir(dir)).code, 0);
    const changed = { text: 'name: healthcare-default', _id: `${clinic.account_id}/${'0'.repeat(64)}` };
    const policies = world.db.collection('policies');
    const stored = await policies.findOneAndDelete({ name: 'healthcare-default' });
    await policies.insertOne({ ...stored, ...changed } as never);
    const again = await world.importDir(dir, '--account', clinic.account_id);
    assert.equal(again.code, 2);
    assert.match(
      again.stdout,
      /refused policies\/healthcare-default@1\.yaml: this version is stored with another text/,
    );
    assert.match(again.stdout, /refused sess_\w+: its policy version is stored with another text/);
  });
});
