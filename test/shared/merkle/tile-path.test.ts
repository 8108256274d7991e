import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTilePath, parseTilePath } from '../../../shared/merkle/tile-path.ts';

describe('paths of tiles', () => {
  // c2sp.org/tlog-tiles, "Merkle Tree" and "Partial Tiles", and golang.org/x/mod/sumdb/tlog tile_test.go.
  const paths = {
    '0/000': { level: 0, index: 0, width: 256 },
    '0/x001/x234/067': { level: 0, index: 1234067, width: 256 },
    '0/x001/x234/067.p/1': { level: 0, index: 1234067, width: 1 },
    '1/x003/450.p/255': { level: 1, index: 3450, width: 255 },
    '63/999': { level: 63, index: 999, width: 256 },
    '5/x001/000.p/17': { level: 5, index: 1000, width: 17 },
    'entries/272': { level: 'entries', index: 272, width: 256 },
    'entries/273.p/112': { level: 'entries', index: 273, width: 112 },
    '0/x009/x007/x199/x254/x740/991': { level: 0, index: 2 ** 53 - 1, width: 256 },
  } as const;
  for (const [path, tile] of Object.entries(paths)) {
    it(`${path} is read and written`, () => {
      assert.deepEqual(parseTilePath(path), tile);
      assert.equal(formatTilePath(tile), path);
    });
  }

  const refused = {
    'no text': '',
    'no index': '0',
    'no level': '/000',
    'an index of two digits': '0/00',
    'an index of four digits': '0/0000',
    'an index without its x': '0/001/234',
    'an x before the last part': '0/x001',
    'parts that are only zeros': '0/x000/001',
    'an index above 2^53 - 1': '0/x009/x007/x199/x254/x740/992',
    'a longer index': '0/x001/x000/x000/x000/x000/x000/000',
    'level 64': '64/000',
    'a level with a leading zero': '00/000',
    'a negative level': '-1/000',
    'another level': 'data/000',
    'width 0': '0/000.p/0',
    'width 256': '0/000.p/256',
    'a width with a leading zero': '0/000.p/01',
    'no width': '0/000.p/',
    'a full stop at the end': '0/000.p',
    'a slash at the end': '0/000/',
    'a slash at the start': '/0/000',
    'a line end': '0/000\n',
    'a space': '0/ 000',
    'a climb': '0/../000',
    'digits that are not ASCII': '0/٠٠٠',
    'a percent sign': '0/%30%30%30',
    capitals: '0/X001/000',
  };
  for (const [fault, path] of Object.entries(refused)) {
    it(`a path with ${fault} is refused`, () => assert.equal(parseTilePath(path), null));
  }
});
