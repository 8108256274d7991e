// Paths of tiles, c2sp.org/tlog-tiles: `<L>/<N>[.p/<W>]`, what follows `tile/` in an address.

/** Hashes, or entries, of a full tile. */
export const TILE_WIDTH = 256;

/** A tile: `width` is 256 for a full one and 1 to 255 for a partial one. Level 0 has leaf hashes; `entries` the entries. */
export type TilePath = Readonly<{ level: number | 'entries'; index: number; width: number }>;

const LEVEL_MAX = 63;
const PATH = /^(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/;

/**
 * The tile that a path names; null for a text that is no such path: a level above 63, a width of 0 or of more than 255, a
 * number with other zeros than tlog-tiles writes, an index above 2^53 - 1.
 */
export function parseTilePath(text: string): TilePath | null {
  const [, levelText, indexText, widthText] = PATH.exec(text) ?? [];
  if (levelText === undefined || indexText === undefined) return null;
  const level: TilePath['level'] = levelText === 'entries' ? 'entries' : Number(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (level !== 'entries' && level > LEVEL_MAX) return null;
  if (!Number.isSafeInteger(index) || width < 1 || (widthText !== undefined && width >= TILE_WIDTH)) {
    return null;
  }
  const tile: TilePath = { level, index, width };
  return formatTilePath(tile) === text ? tile : null;
}

/** The path of a tile, as `parseTilePath` takes it: index 1234067 is `x001/x234/067`. */
export function formatTilePath({ level, index, width }: TilePath): string {
  const digits = `${index}`;
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const last = groups.pop();
  const parts = [level, ...groups.map((group) => `x${group}`), last];
  return `${parts.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}
