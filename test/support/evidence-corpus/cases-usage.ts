// Arguments that are refused before a file is looked at.
import { FORGER_KEY, LOG_KEY, OTHER_KEY, WITNESS_1 } from './account-log.ts';
import { type Argument, type CorpusCase, KEY, refusedCase } from './case.ts';
import { partsOfKey, verifierKey } from './keys.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';

const file = makeReport({ session: SESSIONS.sealed }).json;

export function usageCases(): CorpusCase[] {
  const refused = (name: string, options: readonly Argument[], exit: 1 | 64 = 64) =>
    refusedCase(`arguments: ${name}`, [file, ...options], exit);
  const { name, id, material } = partsOfKey(LOG_KEY.vkey);
  const key = (of: string, bytes: Uint8Array) => ['--key', verifierKey(of, bytes)];
  const otherId = partsOfKey(FORGER_KEY.vkey).id;
  const otherKind = Buffer.from(material);
  otherKind[0] = 2;
  return [
    refusedCase('arguments: none', [], 64),
    refusedCase('arguments: a key and no file', KEY, 64),
    refusedCase('arguments: the input in place of a file', ['-', ...KEY], 64),
    refused('an unknown option', ['--trust-me']),
    refused('--key without a key', ['--key']),
    refused('a key that is none', ['--key', 'evidence.example.org']),
    refused('a key of two parts', ['--key', `${name}+${id}`]),
    refused('a key of four parts', ['--key', `${LOG_KEY.vkey}+x`]),
    refused('a key with another id', ['--key', LOG_KEY.vkey.replace(id, otherId)]),
    refused('a key with its id in capitals', ['--key', LOG_KEY.vkey.replace(id, id.toUpperCase())]),
    refused('a key with another name', ['--key', `x${LOG_KEY.vkey}`]),
    refused('a key with a space in its name', key('a b', material)),
    refused('a key with the next-line control in its name', key('a\u0085b', material)),
    refused('a key with a separator of information in its name', key('a\u001cb', material)),
    refused('a key with a control character in its name', key('a\u0001b', material)),
    refused('a key without a name', key('', material)),
    refused('a key of 31 bytes', key(name, material.subarray(0, 32))),
    refused('a key of 33 bytes', key(name, Buffer.concat([material, Buffer.alloc(1)]))),
    refused('a key of another kind', key(name, otherKind)),
    refused('a key that is not exact base64', ['--key', `${LOG_KEY.vkey}=`]),
    refused('a witness’s key as the log’s', ['--key', WITNESS_1.vkey]),
    refused('the log’s key as a witness’s', [...KEY, '--witness', LOG_KEY.vkey]),
    refused('a witness that is none', [...KEY, '--witness', 'w1']),
    refused('keys of two names', [...KEY, '--key', OTHER_KEY.vkey]),
    refused('an unknown axis', [...KEY, '--require', 'truth']),
    refused('an unknown axis among known ones', [...KEY, '--require', 'log,truth']),
    refused('an empty list of axes', [...KEY, '--require', '']),
    refused('audit keys that are not there', [...KEY, '--audit-key-file', 'files/not-there.txt'], 1),
    refused('audit keys that are none', [...KEY, '--audit-key-file', Buffer.from('secret')], 1),
    refused('audit keys of 31 bytes', [...KEY, '--audit-key-file', Buffer.from(`k:${'11'.repeat(31)}`)], 1),
    refused(
      'audit keys with a space in the id',
      ['--audit-key-file', Buffer.from(`a b:${'11'.repeat(32)}`)],
      1,
    ),
    refused('audit keys that are not hex', ['--audit-key-file', Buffer.from(`k:${'zz'.repeat(32)}`)], 1),
    refused('audit keys of half a byte', ['--audit-key-file', Buffer.from(`k:${'1'.repeat(65)}`)], 1),
    refused(
      'two audit keys of one id',
      ['--audit-key-file', Buffer.from(`k:${'11'.repeat(32)}\nk:${'22'.repeat(32)}`)],
      1,
    ),
    refused('audit keys in an empty file', ['--audit-key-file', Buffer.from('\n')], 1),
    refused(
      'audit keys with an unknown limit',
      [...KEY, '--audit-key-file', Buffer.from(`k:${'11'.repeat(32)};for=all`)],
      1,
    ),
  ];
}
