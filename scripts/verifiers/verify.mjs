#!/usr/bin/env node
// Checks a report of Masker, its evidence, and the account's log, with nothing but Node.js 20 or later. It needs no
// package, no network and no database. It shares no code with the service that issued the report.
//
// How to read this file: `main` reads the arguments. `checkReport` and `checkProof` give one verdict an axis. Every check
// that finds something wrong calls `fail`; every check that cannot be made calls `leave`. Nothing is `verified` unless
// neither was called.
//
// Formats: RFC 6962 (trees), RFC 8032 (Ed25519), RFC 8785 (canonical JSON), c2sp.org/signed-note, tlog-checkpoint,
// tlog-cosignature and tlog-proof, ISO 32000 (PDF), APPNOTE.TXT (zip).
import { createHash, createHmac, createPublicKey, verify as verifySignature } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateRawSync, inflateSync } from 'node:zlib';

const HELP = `usage: node verify.mjs FILE [FILE] --key VERIFIER_KEY [options]

FILE is a report (PDF, JSON, or a pack as .zip), the proof of one event or of a stretch of events (.json), or two files:
a report's JSON and its statement (report.note), or two reports of one session, which are then compared.

  --key VERIFIER_KEY       the verifier key of the account's log, as its operator gave it to you by another way than this
                           file. May repeat (before and after a change of key). Without it nothing can be verified.
  --witness VERIFIER_KEY   the key of a witness who watches the log. May repeat.
  --audit-key-file FILE    the operator's secret audit keys, a line each (id:hex), to check the chain and the seal
  --require AXIS,...       fails (exit 1) where one of these axes is not checked
  --json                   prints one JSON object a line
  --self-test              changes one bit in each part of FILE, in memory, and shows that each change is caught
  --help                   prints this

Verdicts, a line each: "verified", "failed", or "not checked" and why.

  bytes         nothing stands outside the form of a report's file, and nothing is spelled in another way. What the pages
                and bookmarks of a PDF show, whether pages were added or left out, and what a screen reader speaks, is
                the axis pages
  statement     the report's JSON is, byte for byte, the one that was signed by the key that you gave
  entries       the entries of the audit log give the root and the figures that the report states
  completeness  no entry is missing: the account's log says how many there were when the session closed
  log           the closed session stands in the account's log, whose state is signed by the key that you gave
  witnesses     the witnesses whose keys you gave have seen this log
  pages         what the pages and bookmarks of the PDF show, and a screen reader speaks: this program cannot check it
  macs          the chain and the seal, under the secret audit key

exit: 0 nothing failed, and statement, entries or log was verified with a key that you gave; 2 something failed;
1 nothing that matters could be checked, or a file cannot be read; 64 usage`;

const AXES = ['bytes', 'statement', 'entries', 'completeness', 'log', 'witnesses', 'pages', 'macs'];
const [VERIFIED, FAILED, NOT_CHECKED] = ['verified', 'failed', 'not checked'];

/** Bytes of the largest file, and of all files of a pack. */
const SIZE_LIMIT = 256 * 1024 * 1024;
/** Bytes of a PDF, and of a file that is attached to it: 2,000 entries of the audit log, each as long as entries may be. */
const [PDF_LIMIT, ATTACHMENT_LIMIT] = [64 * 1024 * 1024, 64 * 1024 * 1024];
const ENTRY_LIMIT = 32_768;
const LOG_ENTRY_LIMIT = 4096;
/** Bytes of a line. It may be longer than an entry, so that the axis `entries` can tell what is wrong with it. */
const LINE_LIMIT = 65_536;
/** Lines that are no entries, or are beyond the number stated. A few are read, for the axis `entries`, too. */
const STRANGE_LINES_LIMIT = 10;
/** Characters of a signed note, and lines with its signatures. */
const [NOTE_LIMIT, SIGNATURES_LIMIT] = [65_536, 100];
/** Levels of nesting. A deeper value is refused, so that no file can exhaust the stack. */
const DEPTH_LIMIT = 256;

/** Bytes of a JSON, and what it may hold: a report on 50,000 sessions has half of it. */
const JSON_LIMIT = 40 * 1024 * 1024;
const [CONTAINERS_LIMIT, MEMBERS_LIMIT, NAMES_LIMIT] = [200_000, 1_400_000, 100_000];
/** Bytes and words of a PDF outside of its packed streams. A report of 40 pages has a third of either. */
const [PLAIN_LIMIT, WORDS_LIMIT] = [8 * 1024 * 1024, 1_500_000];

class Failed extends Error {}
class NotChecked extends Error {}
/** The arguments, or a file, cannot be used at all. */
class Refused extends Error {
  constructor(exit, message) {
    super(message);
    this.exit = exit;
  }
}

/** Something is wrong. */
function fail(detail) {
  throw new Failed(detail);
}

/** Something cannot be checked. */
function leave(detail) {
  throw new NotChecked(detail);
}

/** The verdict of a check, which gives its detail where it ends. */
function judge(check) {
  try {
    return { verdict: VERIFIED, detail: check() };
  } catch (error) {
    if (error instanceof Failed) return { verdict: FAILED, detail: error.message };
    if (error instanceof NotChecked) return { verdict: NOT_CHECKED, detail: error.message };
    throw error;
  }
}

/** The result of a reading, or null where it failed or was left: for a check that another axis reports. */
function tried(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failed || error instanceof NotChecked) return null;
    throw error;
  }
}

// ---- Bytes and texts

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const isHash = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : noun.endsWith('y') ? '' : 's'}`;

/** The text of UTF-8 bytes. A byte order mark stays in it, so that it is found. */
function textOf(bytes, what) {
  const view = bytes.subarray();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(view);
  } catch {
    return fail(`${what} is not UTF-8`);
  }
}

/** The bytes of base64 (RFC 4648) in its one exact spelling, or null. */
function base64Of(text) {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** The hashes of a proof: 32 bytes each. */
function hashesOf(list, what) {
  if (!Array.isArray(list)) fail(`${what}: its hashes are no list`);
  return list.map((text, i) => {
    const bytes = base64Of(text);
    if (bytes?.length !== 32) fail(`${what}: hash ${i} is no SHA-256 in base64`);
    return bytes;
  });
}

// ---- Canonical JSON (RFC 8785)

/** The one canonical text of a value. */
function canonical(value, depth = 0) {
  if (depth > DEPTH_LIMIT) fail(`it is nested deeper than ${DEPTH_LIMIT} levels`);
  if (typeof value === 'string') {
    if (!value.isWellFormed()) fail('it holds half of a surrogate pair');
    return JSON.stringify(value);
  }
  // A number beyond a double becomes a word that is no JSON, so that the text differs.
  if (typeof value === 'number') return String(value === 0 ? 0 : value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonical(name)}:${canonical(value[name], depth + 1)}`).join(',')}}`;
}

/**
 * The value of canonical JSON. A name that is given twice, a space, another order or another spelling of a number or a
 * letter is lost when the text is parsed, so that the canonical text of the value is another one: it is refused.
 */
function parseCanonical(text, what) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(`${what} is not JSON`);
  }
  let again;
  try {
    again = canonical(value);
  } catch (error) {
    throw error instanceof Failed ? new Failed(`${what}: ${error.message}`) : error;
  }
  if (again !== text) fail(`${what} is not in canonical form, ${whereDiffers(text, again)}`);
  return value;
}

function whereDiffers(text, again) {
  let at = 0;
  while (at < text.length && text[at] === again[at]) at += 1;
  const byte = Buffer.byteLength(text.slice(0, at));
  return `from byte ${byte} on: a name given twice, an order, a space or a spelling that the form does not have`;
}

/**
 * Whether a JSON has more bytes, lists and objects, members or names than any report. Counted before anything is made of
 * it, since a small value takes many times the memory of its text.
 */
function isCostly(json) {
  if (json.length > JSON_LIMIT) return true;
  let [containers, members, hash] = [0, 0, 0];
  let inText = false;
  const names = new Set();
  for (let i = 0; i < json.length; i += 1) {
    const letter = json[i];
    if (inText) {
      if (letter === 0x5c) i += 1;
      inText = letter !== 0x22;
      hash = (Math.imul(hash, 31) + letter) | 0;
    } else if (letter === 0x22) [inText, hash] = [true, 0];
    else if (letter === 0x5b || letter === 0x7b) containers += 1;
    else if (letter === 0x2c || letter === 0x3a) members += 1;
    // The text before a colon is a name.
    if (!inText && letter === 0x3a) names.add(hash);
    if (containers > CONTAINERS_LIMIT || members > MEMBERS_LIMIT || names.size > NAMES_LIMIT) return true;
  }
  return false;
}

/** The value of a file of canonical JSON. A report over more sessions than usual may be honest: it is not failed. */
function parseFile(bytes, what) {
  if (isCostly(bytes)) leave(`${what} has more bytes or values than this program takes`);
  return parseCanonical(textOf(bytes, what), what);
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of an object, and nothing that JavaScript adds to it. */
const own = (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);

/** Whether the object has exactly these members, each of which passes its test. */
function hasExactly(value, tests) {
  if (!isObject(value)) return false;
  const names = Object.keys(tests);
  if (Object.keys(value).length !== names.length) return false;
  return names.every((name) => Object.hasOwn(value, name) && tests[name](value[name]));
}

const isText = (value) => typeof value === 'string';
const isNumber = (value) => typeof value === 'number';
const isTexts = (value) => Array.isArray(value) && value.every(isText);
const isNullOr = (test) => (value) => value === null || test(value);

/**
 * The lines of a file, each of them canonical JSON and ended by a line end; none for an empty file. Reads one after the
 * other, and stops at the first that is wrong: a file of line ends alone has more lines than memory holds.
 */
function linesOf(bytes, what, stated) {
  const lines = [];
  let strange = 0;
  for (let begin = 0; begin < bytes.length; ) {
    const end = bytes.indexOf(0x0a, begin);
    if (end < 0) fail(`${what}: its last line has no end`);
    const place = `${what}, line ${lines.length + 1},`;
    if (end - begin > LINE_LIMIT) fail(`${place} is longer than ${LINE_LIMIT} bytes`);
    const line = textOf(bytes.subarray(begin, end), place);
    // What a session's log and the account's log hold names its session.
    const isEntry = isText(own(parseCanonical(line, place), 'session_id'));
    if (!isEntry || lines.length >= stated) strange += 1;
    if (strange > STRANGE_LINES_LIMIT)
      fail(`${place} is one of many that are no entries, or beyond the ${stated} stated`);
    lines.push(line);
    begin = end + 1;
  }
  return lines;
}

// ---- Trees (RFC 6962 section 2.1)

const hashLeaf = (text) => sha256(Buffer.of(0), text);
const hashNode = (left, right) => sha256(Buffer.of(1), left, right);

/** The largest power of two below a size of 2 or more. */
function splitOf(size) {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The root that an inclusion proof gives: the leaf's sibling comes first in `hashes`, the root's child last. */
function rootFromInclusion(index, size, leaf, hashes) {
  if (!isWhole(index) || index >= size) fail(`there is no entry ${index} among ${size}`);
  const rest = [...hashes];
  const climb = (at, count) => {
    if (count === 1) return leaf;
    if (rest.length === 0) fail('it has too few hashes');
    const other = rest.pop();
    const split = splitOf(count);
    return at < split ? hashNode(climb(at, split), other) : hashNode(other, climb(at - split, count - split));
  };
  const root = climb(index, size);
  if (rest.length > 0) fail('it has hashes to spare');
  return root;
}

/**
 * The root that leaves at ascending indexes give with the hashes of the largest subtrees that hold none of them, from
 * left to right.
 */
function rootFromLeaves(indexes, leaves, size, hashes) {
  if (indexes.length !== leaves.length) fail(`it names ${indexes.length} entries and has ${leaves.length}`);
  for (const [i, index] of indexes.entries()) {
    if (!isWhole(index) || index >= size) fail(`there is no entry ${index} among ${size}`);
    if (i > 0 && index <= indexes[i - 1]) fail('its indexes do not ascend');
  }
  let nextLeaf = 0;
  let nextHash = 0;
  const visit = (begin, end) => {
    if (!(nextLeaf < indexes.length && indexes[nextLeaf] < end)) {
      if (nextHash >= hashes.length) fail('it has too few hashes');
      nextHash += 1;
      return hashes[nextHash - 1];
    }
    if (end - begin === 1) {
      nextLeaf += 1;
      return leaves[nextLeaf - 1];
    }
    const middle = begin + splitOf(end - begin);
    const left = visit(begin, middle);
    return hashNode(left, visit(middle, end));
  };
  const root = size === 0 ? sha256() : visit(0, size);
  if (nextHash < hashes.length) fail('it has hashes to spare');
  return root;
}

/** The root over these texts and no others. */
function rootOf(texts) {
  return rootFromLeaves([...texts.keys()], texts.map(hashLeaf), texts.length, []);
}

// ---- Signed notes, keys and checkpoints (C2SP)

// biome-ignore lint/suspicious/noControlCharactersInRegex: a name is a part of notes, which may not hold them
const KEY_NAME = /^[^\p{White_Space}\u0000-\u001f+]+$/u;
const [ED25519, COSIGNATURE] = [1, 4];
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** A verifier key, `<name>+<id>+<base64 of kind and public key>`; null where it is none. */
function parseKey(text) {
  const [name, id, material, ...rest] = text.split('+');
  // Base64 may hold a plus itself.
  const bytes = base64Of([material, ...rest].join('+'));
  if (!KEY_NAME.test(name) || bytes?.length !== 33) return null;
  const expected = hex(sha256(name, '\n', bytes).subarray(0, 4));
  if (id !== expected) return null;
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI_HEAD, bytes.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  return { name, id, kind: bytes[0], publicKey };
}

function parseNote(text, what) {
  if (text.length > NOTE_LIMIT) fail(`${what} is longer than ${NOTE_LIMIT} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: notes may not hold them
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) fail(`${what} holds control characters`);
  const end = text.lastIndexOf('\n\n');
  if (!text.endsWith('\n')) fail(`${what} is no signed note: its last line has no end`);
  const lines = text.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_LIMIT) fail(`${what} has more than ${SIGNATURES_LIMIT} signatures`);
  const signatures = lines.map((line) => {
    const [dash, name, base64, ...rest] = line.split(' ');
    const signature = base64Of(base64);
    if (dash !== '\u2014' || !KEY_NAME.test(name ?? '') || rest.length > 0 || !(signature?.length > 4)) {
      fail(`${what} is no signed note: a line behind its empty line is no signature`);
    }
    return { name, id: hex(signature.subarray(0, 4)), bytes: signature.subarray(4) };
  });
  return { text: text.slice(0, end + 1), signatures };
}

function isSigned(text, bytes, { publicKey }) {
  return verifySignature(null, Buffer.from(text), publicKey, bytes);
}

/** The given key that signed the note. Signatures by other keys say nothing: anyone can add one. */
function signerOf(note, keys, what) {
  let signer = null;
  for (const { name, id, bytes } of note.signatures) {
    const key = keys.find((each) => each.name === name && each.id === id);
    if (key === undefined) continue;
    if (!isSigned(note.text, bytes, key)) fail(`${what}: the signature by the key that you gave is wrong`);
    signer = key;
  }
  if (signer === null) fail(`${what} is not signed by the key that you gave, ${describeKeys(keys)}`);
  return signer;
}

const describeKeys = (keys) => `${keys[0].name} (key id ${keys.map(({ id }) => id).join(', ')})`;

/** The checkpoint in a signed note: the log's name, its size and its root. */
function parseCheckpoint(text, what) {
  if (!isText(text)) fail(`${what} is no text`);
  const note = parseNote(text, what);
  const [origin, size, root, ...rest] = note.text.split('\n');
  const rootBytes = base64Of(root);
  // The text ends in a line end, behind which `split` gives one more.
  if (rest.length !== 1) fail(`${what} has not three lines`);
  if (origin === '') fail(`${what} names no log`);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    fail(`${what} has a size that is none`);
  if (rootBytes?.length !== 32) fail(`${what} has a root that is none`);
  return { note, origin, size: Number(size), root: rootBytes };
}

/** A proof that an entry is under a checkpoint (c2sp.org/tlog-proof). Its extra line is the entry itself. */
function parseTlogProof(text, what) {
  const end = text.indexOf('\n\n');
  // No tree has a proof of more hashes: a longer text is not taken apart.
  const [first, extra, index, ...hashes] = text.slice(0, end).split('\n', 67);
  if (first !== 'c2sp.org/tlog-proof@v1') fail(`${what} is no tlog-proof`);
  const entry = extra?.startsWith('extra ') ? base64Of(extra.slice(6)) : null;
  if (entry === null) fail(`${what} has no extra line with the entry`);
  // NaN where there is none, which is no entry's index.
  const number = Number(/^index (0|[1-9][0-9]{0,15})$/.exec(index ?? '')?.[1]);
  return {
    entry: textOf(entry, `the extra line of ${what}`),
    index: number,
    hashes: hashesOf(hashes, what),
    checkpoint: text.slice(end + 2),
  };
}

// ---- PDF, in the one form in which reports are written

/** Characters of a name, as it is spelled. */
const NAME_LIMIT = 200;
/** Nothing that is drawn is as small. */
const TINIEST = 1e-20;

/** A number as reports spell it, which is without an exponent; empty for one that no report has. */
function spellNumber(number) {
  const size = Math.abs(number);
  const exponent = Number(String(size).split('e-')[1] ?? 0);
  if (exponent === 0) return String(number);
  // The digits as the program that writes reports computes them.
  const digits = String(size * 10 ** (exponent - 1)).slice(2);
  return size < TINIEST ? '' : `${number < 0 ? '-' : ''}0.${'0'.repeat(exponent - 1)}${digits}`;
}

/**
 * Takes a PDF apart and refuses every byte that the form has no place for. The form: a header; plain objects, one after
 * the other; one table of their places; one trailer; the end.
 */
class PdfReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  wrong(what) {
    return fail(`the PDF is not in the form of a report, at byte ${this.at}: ${what}`);
  }

  startsWith(text) {
    return this.bytes.subarray(this.at, this.at + text.length).equals(Buffer.from(text, 'latin1'));
  }

  take(text) {
    if (!this.startsWith(text)) this.wrong(`${JSON.stringify(text)} is expected`);
    this.at += text.length;
  }

  /** The characters from here on that the pattern takes, which is sticky and never looks far. */
  match(pattern, what) {
    const ahead = this.bytes.subarray(this.at, this.at + 256).toString('latin1');
    const found = pattern.exec(ahead)?.[0];
    if (found === undefined) this.wrong(`${what} is expected`);
    this.at += found.length;
    return found;
  }

  whole(what) {
    return Number(this.match(/^(?:0|[1-9][0-9]{0,9})/, what));
  }

  value(depth = 0) {
    if (depth > 100) this.wrong('its values are nested too deeply');
    if (this.startsWith('<<')) return this.dictionary(depth + 1);
    if (this.startsWith('[')) return this.list(depth + 1);
    if (this.startsWith('(')) return this.literal();
    if (this.startsWith('<')) return this.hexText();
    if (this.startsWith('/')) return { name: this.name() };
    for (const word of ['true', 'false', 'null']) {
      if (!this.startsWith(word)) continue;
      this.at += word.length;
      return { word };
    }
    const text = this.match(
      /^(?:[1-9][0-9]{0,9} 0 R|-?(?:0|[1-9][0-9]{0,40})(?:\.[0-9]{0,40}[1-9])?)/,
      'a value',
    );
    if (text.endsWith('R')) return { ref: Number(text.split(' ')[0]) };
    const number = Number(text);
    if (spellNumber(number) !== text) this.wrong(`the number ${text} has another spelling`);
    return { number };
  }

  /** A name. Only what cannot stand in one is escaped: a second spelling could hide `/EF` from this program. */
  name() {
    const text = this.match(/^\/(?:[!"$&'*+,.0-9:;=?@A-Z\\^_`a-z|~-]|#[0-9A-F]{2})+/, 'a name');
    if (text.length > 1 + NAME_LIMIT) this.wrong(`a name is longer than ${NAME_LIMIT} characters`);
    for (const [, code] of text.matchAll(/#(..)/g)) {
      const letter = String.fromCharCode(Number.parseInt(code, 16));
      if (/[!-~]/.test(letter) && !'#()<>[]{}/%'.includes(letter))
        this.wrong('a letter in a name is escaped');
    }
    return text;
  }

  dictionary(depth) {
    this.take('<<\n');
    const members = new Map();
    while (!this.startsWith('>>')) {
      const key = this.name();
      if (members.has(key)) this.wrong(`${key} stands twice in a dictionary`);
      this.take(' ');
      members.set(key, this.value(depth));
      this.take('\n');
    }
    this.at += 2;
    return { members };
  }

  list(depth) {
    this.take('[ ');
    const items = [];
    while (!this.startsWith(']')) {
      items.push(this.value(depth));
      this.take(' ');
    }
    this.at += 1;
    return { items };
  }

  /** A text in brackets, which may hold brackets in pairs. */
  literal() {
    const begin = this.at;
    let open = 0;
    do {
      const byte = this.bytes[this.at];
      if (byte === 0x5c) this.at += 1;
      if (byte === 0x28) open += 1;
      if (byte === 0x29) open -= 1;
      this.at += 1;
    } while (open > 0 && this.at < this.bytes.length);
    return { text: this.bytes.subarray(begin + 1, this.at - 1).toString('latin1') };
  }

  hexText() {
    const end = this.bytes.indexOf('>', this.at);
    const text = this.bytes.subarray(this.at, end + 1).toString('latin1');
    if (!/^<[0-9A-Fa-f]*>$/.test(text)) this.wrong('a text in hex is expected');
    this.at = end + 1;
    return { hexText: text };
  }

  /** An object: its number, its value, and its stream where it has one. */
  object() {
    const at = this.at;
    const number = this.whole('the number of an object');
    this.take(' 0 obj\n');
    const value = this.value();
    let stream = null;
    if (this.startsWith('\nstream\n')) {
      this.at += 8;
      const stated = value.members?.get('/Length')?.number;
      // No place follows a stream without a length: reading ends there.
      const length = isWhole(stated) ? stated : Number.NaN;
      stream = this.bytes.subarray(this.at, this.at + length);
      this.at += length;
      this.take('\nendstream');
    }
    this.take('\nendobj\n\n');
    return { at, number, value, stream };
  }

  /** The table of these objects: a section for each run of numbers without a hole, from 0 on, which is no object. */
  table(objects) {
    this.take('xref\n');
    const numbers = [0, ...objects.keys()];
    for (let i = 0; i < numbers.length; ) {
      let end = i + 1;
      while (end < numbers.length && numbers[end] === numbers[end - 1] + 1) end += 1;
      this.take(`${numbers[i]} ${end - i}\n`);
      for (; i < end; i += 1) {
        const at = objects.get(numbers[i])?.at;
        this.take(at === undefined ? '0000000000 65535 f \n' : `${String(at).padStart(10, '0')} 00000 n \n`);
      }
    }
  }

  /** All objects by number, and the trailer's members. */
  document() {
    this.take('%PDF-1.7\n%\x81\x81\x81\x81\n\n');
    if (this.bytes.indexOf('%%EOF') !== this.bytes.length - 5)
      fail('the PDF has no end (%%EOF), a second one, or bytes behind it');
    if (hasManyWords(this.bytes))
      leave('the PDF has more objects than any report, and than this program takes');
    const objects = new Map();
    let last = 0;
    while (!this.startsWith('xref\n')) {
      const object = this.object();
      if (object.number <= last) this.wrong(`object ${object.number} stands behind object ${last}`);
      last = object.number;
      // Readers follow such an object further than this program does.
      if (object.value.ref !== undefined) this.wrong('an object is a reference to another');
      objects.set(last, object);
    }
    const tableAt = this.at;
    this.table(objects);
    this.take('\ntrailer\n');
    const trailer = this.value().members;
    this.take(`\n\nstartxref\n${tableAt}\n%%EOF`);
    const keys = trailer === undefined ? '' : [...trailer.keys()].join();
    if (keys !== '/Size,/Root,/Info') this.wrong('its trailer has other members than Size, Root and Info');
    if (trailer.get('/Size').number !== last + 1) this.wrong('its trailer has another size');
    return { objects, trailer };
  }
}

const SPACES_AND_BRACKETS = new Set([...Array(33).keys(), ...Buffer.from('[]<>()/{}%')]);
const [LIST, DICTIONARY, TEXT] = Buffer.from('[<(');

/** Whether more objects would be made of a PDF than of a report: each takes many times the memory of its text. */
function hasManyWords(bytes) {
  let [plain, words] = [0, 0];
  let inWord = false;
  for (let i = 0; i < bytes.length; i += 1) {
    // What is packed begins with an x.
    if (bytes[i] === 0x73 && bytes[i + 7] === 0x78 && bytes.subarray(i, i + 7).equals(STREAM)) {
      i = bytes.indexOf('endstream', i);
      if (i < 0) return true;
    }
    const letter = bytes[i];
    const isWord = !SPACES_AND_BRACKETS.has(letter);
    if ((isWord && !inWord) || letter === LIST || letter === DICTIONARY || letter === TEXT) words += 1;
    inWord = isWord;
    plain += 1;
    if (plain > PLAIN_LIMIT || words > WORDS_LIMIT) return true;
  }
  return false;
}

const STREAM = Buffer.from('stream\n');

/** The files that are attached to a PDF, by name. */
function filesInPdf(bytes) {
  // A larger one may be honest: nothing is said to be wrong with it.
  if (bytes.length > PDF_LIMIT)
    leave(`the PDF is larger than the ${PDF_LIMIT} bytes that this program takes`);
  const { objects, trailer } = new PdfReader(bytes).document();
  checkReferences(objects, trailer);
  checkNothingActs(objects);
  const find = (value) => (value?.ref === undefined ? value : objects.get(value.ref)?.value);
  const at = (value, ...path) => path.reduce((each, key) => find(find(each)?.members?.get(key)), value);

  const catalog = find(trailer.get('/Root'));
  const names = find(at(catalog, '/Names'));
  const tree = at(names, '/EmbeddedFiles');
  const listed = at(tree, '/Names')?.items ?? [];
  if (names !== undefined && [...(names.members?.keys() ?? [])].join() !== '/EmbeddedFiles') {
    fail('the PDF lists other things than attached files by name');
  }
  if (tree !== undefined && [...(tree.members?.keys() ?? [])].join() !== '/Names') {
    fail('the PDF lists its attached files in another way than reports do');
  }
  if (listed.length % 2 !== 0) fail('the PDF lists a name without a file');
  const specs = listed.filter((_, i) => i % 2 === 1).map(({ ref }) => ref);
  const associated = (at(catalog, '/AF')?.items ?? []).map(({ ref }) => ref);
  if (specs.join() !== associated.join())
    fail('the PDF has attached files that it does not both list and associate');

  const files = new Map();
  const streams = new Set();
  for (const [i, spec] of specs.entries()) {
    const name = listed[2 * i].text;
    const before = i === 0 ? '' : listed[2 * i - 2].text;
    if (!(name > before)) fail('the PDF does not list its attached files by ascending names, each once');
    const value = find({ ref: spec });
    const unicode = value?.members?.get('/UF')?.hexText?.toLowerCase();
    if (value?.members?.get('/F')?.text !== name || unicode !== utf16(name)) {
      fail(`the PDF gives its attached file ${name} two names`);
    }
    checkSpec(value, name);
    const [ref, alias] = ['/F', '/UF'].map((key) => at(value, '/EF')?.members?.get(key)?.ref);
    if (ref !== alias || at(value, '/EF')?.members?.size !== 2)
      fail(`the PDF has two files for the name ${name}`);
    streams.add(ref);
    files.set(name, unpackAttached(objects.get(ref), name));
  }
  checkNoOtherFiles(objects, specs, streams);
  checkKeys(catalog, find);
  checkDescription({ info: find(trailer.get('/Info')), catalog, objects }, files);
  return files;
}

/** What the catalog and the pages of a report say. Anything else may change what a reader shows. */
const CATALOG_KEYS = [
  ...['/Type', '/Pages', '/MarkInfo', '/StructTreeRoot', '/Outlines', '/ViewerPreferences', '/Lang'],
  ...['/Metadata', '/Names', '/AF'],
];
const PAGE_KEYS = {
  '/Pages': ['/Type', '/Count', '/Kids', '/Parent'],
  '/Page': [
    ...['/Type', '/Parent', '/Resources', '/MediaBox', '/Contents', '/StructParents', '/Tabs', '/Annots'],
  ],
};

function checkKeys(catalog, find) {
  if (catalog?.members?.get('/Type')?.name !== '/Catalog') fail('the PDF has a catalog that is none');
  const strange = [...catalog.members.keys()].find((key) => !CATALOG_KEYS.includes(key));
  if (strange !== undefined) fail(`the PDF's catalog has a member that no report has, ${strange}`);
  const preferences = find(catalog?.members?.get('/ViewerPreferences'))?.members;
  const isUsual =
    catalog?.members?.get('/Lang')?.text === 'en' &&
    sortedKeys(preferences) === '/DisplayDocTitle' &&
    preferences.get('/DisplayDocTitle').word === 'true';
  if (!isUsual) fail('the PDF states another language or other preferences than reports do');
  const marks = find(catalog.members.get('/MarkInfo'))?.members;
  const isTagged =
    sortedKeys(marks) === '/Marked,/Type' &&
    marks.get('/Type').name === '/MarkInfo' &&
    marks.get('/Marked').word === 'true';
  if (!isTagged) fail('the PDF states its tags (/MarkInfo) in another way than reports do');
  const seen = new Set();
  const listed = [];
  const waiting = [[catalog.members.get('/Pages')]];
  while (waiting.length > 0) {
    const [node, parent] = waiting.pop();
    if (node?.ref === undefined || seen.has(node.ref))
      fail('the PDF lists its pages in another way than reports do');
    seen.add(node.ref);
    const members = find(node)?.members;
    const kind = members?.get('/Type')?.name;
    const keys = own(PAGE_KEYS, kind) ?? fail('the PDF has a page that is none');
    const other = [...members.keys()].find((key) => !keys.includes(key));
    if (other !== undefined) fail(`the PDF has a page with a member that no report's has, ${other}`);
    if (members.get('/Parent')?.ref !== parent) fail('the PDF has a page that names another list of pages');
    const box = find(members.get('/MediaBox'))?.items;
    if (
      members.has('/MediaBox') &&
      !(box?.length === 4 && box.every((side) => find(side)?.number !== undefined))
    )
      fail('the PDF has a page whose size is none');
    const isList = kind === '/Pages';
    listed.push({ ref: node.ref, parent, isList, stated: find(members.get('/Count'))?.number });
    if (!isList) continue;
    const kids = find(members.get('/Kids'))?.items ?? fail('the PDF has a list of pages that is none');
    for (const kid of kids) waiting.push([kid, node.ref]);
  }
  // A list stands before what it lists: from the end on, each list has all of its pages.
  const counts = new Map();
  for (const { ref, parent, isList, stated } of listed.reverse()) {
    const has = isList ? (counts.get(ref) ?? 0) : 1;
    if (isList && stated !== has) fail('the PDF states another number of pages than it has');
    counts.set(parent, (counts.get(parent) ?? 0) + has);
  }
}

/** Title, dates and the like are those of the attached report: a reader shows them beside the pages. */
function checkDescription({ info, catalog, objects }, files) {
  const facts = factsOf([...files].find(([name]) => NAME_IN_PDF.test(name))?.[1]);
  // A report that cannot be read fails by itself.
  if (facts === null) return;
  const members = info?.members;
  const [creator, producer] = ['/Creator', '/Producer'].map((key) => textInHex(members?.get(key)));
  if (!/^Chromium [0-9]{1,5}(?:\.[0-9]{1,5}){3}$/.test(creator))
    fail('the PDF does not name its Chromium as reports do');
  if (!/^masker-evidence [0-9][\w.+-]{0,39}$/.test(producer)) fail('the PDF was not finished by Masker');
  const texts = {
    ...{ '/Title': facts.title, '/Author': 'Masker', '/Subject': facts.subject },
    ...{ '/Creator': creator, '/Producer': producer },
  };
  const isUsual =
    sortedKeys(members) === '/Author,/CreationDate,/Creator,/ModDate,/Producer,/Subject,/Title' &&
    Object.entries(texts).every(([key, text]) => members.get(key).hexText === utf16(text).toUpperCase()) &&
    ['/CreationDate', '/ModDate'].every((key) => members.get(key).text === facts.date);
  if (!isUsual) fail("the PDF's title, dates or other properties are not those of the attached report");
  for (const { value } of objects.values()) {
    if (value.members?.get('/Type')?.name !== '/EmbeddedFile') continue;
    const stated = value.members.get('/Params').members;
    if (['/CreationDate', '/ModDate'].some((key) => stated.get(key).text !== facts.date))
      fail('the PDF states other times of its attached files than the attached report');
  }
  const metadata = objects.get(catalog.members.get('/Metadata')?.ref);
  const expected = Buffer.from(xmpOf(facts, creator, producer));
  if (
    sortedKeys(metadata?.value.members) !== '/Length,/Subtype,/Type' ||
    metadata.stream?.equals(expected) !== true
  )
    fail("the PDF's metadata (XMP) are not those of the attached report");
}

const textInHex = (value) => {
  const bytes = Buffer.from(value?.hexText?.slice(1, -1) ?? '', 'hex');
  return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le').slice(1) : '';
};

/** What the attached report gives to the properties of its PDF; null where it cannot be read. */
function factsOf(json) {
  if (json === undefined || isCostly(json)) return null;
  let report;
  try {
    report = JSON.parse(json.toString('utf8')).report;
  } catch {
    return null;
  }
  const of = (value, ...path) => path.reduce((inner, name) => own(inner, name), value);
  const [id, at, session] = ['id', 'generated_at', 'session_id'].map((name) => of(report, name));
  const scope = of(report, 'scope');
  const about =
    scope === 'agent' ? `agent ${of(report, 'agent_id')}` : `account ${of(report, 'account', 'id')}`;
  const window = `${about}, ${of(report, 'window', 'since')} to ${of(report, 'window', 'until')}`;
  const subject = scope === 'session' ? `session ${session}` : window;
  return {
    title: `Compliance report of ${subject}`,
    subject: `HIPAA compliance report ${id} on ${subject}`,
    at: String(at),
    date: `D:${String(at)
      .replace(/\.\d+(?=Z$)/, '')
      .replace(/[-:T]/g, '')}`,
  };
}

const XML_ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const escapeXml = (text) => text.replace(/[&<>"']/g, (letter) => XML_ESCAPES[letter]);

function xmpOf({ title, subject, at }, creator, producer) {
  const alternative = (text) => `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt>`;
  const time = escapeXml(at);
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title>${alternative(title)}</dc:title>
<dc:creator><rdf:Seq><rdf:li>Masker</rdf:li></rdf:Seq></dc:creator>
<dc:description>${alternative(subject)}</dc:description>
<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>
<dc:format>application/pdf</dc:format>
<xmp:CreatorTool>${creator}</xmp:CreatorTool>
<xmp:CreateDate>${time}</xmp:CreateDate>
<xmp:ModifyDate>${time}</xmp:ModifyDate>
<xmp:MetadataDate>${time}</xmp:MetadataDate>
<pdf:Producer>${producer}</pdf:Producer>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`;
}

/** The values within a list or a dictionary. */
const innerOf = ({ items, members }) => items ?? members?.values() ?? [];

/** Every object is named by another, from the trailer on, and every reference leads to an object. */
function checkReferences(objects, trailer) {
  const reached = new Set();
  const waiting = [{ members: trailer }];
  while (waiting.length > 0) {
    const value = waiting.pop();
    for (const inner of innerOf(value)) waiting.push(inner);
    if (value.ref !== undefined && !reached.has(value.ref)) {
      if (!objects.has(value.ref)) fail(`the PDF names an object ${value.ref} that is not there`);
      reached.add(value.ref);
      waiting.push(objects.get(value.ref).value);
    }
  }
  const loose = [...objects.keys()].find((number) => !reached.has(number));
  if (loose !== undefined) fail(`the PDF holds an object ${loose} that nothing in it names`);
}

/** Keys of dictionaries that act, or that show what is not on the pages. A report's PDF has none of them. */
const ACTIVE = {
  '/AA': 'an action that starts by itself',
  '/OpenAction': 'an action that starts when it is opened',
  '/JS': 'a script',
  '/JavaScript': 'a script',
  '/XFA': 'a form',
  '/AcroForm': 'a form',
  '/Collection': 'a portfolio',
  '/OCProperties': 'layers that can be hidden',
  '/RichMediaContent': 'rich media',
  '/PA': 'a link out of it',
  '/AP': 'an annotation with a picture of its own',
  '/FS': 'a file that is elsewhere',
};

/** Keys of streams whose contents, or what they draw, are in another file. */
const OUTSIDE = ['/F', '/FFilter', '/FDecodeParms', '/Ref', '/OPI'];

/** Types of actions other than a link within a PDF. One may stand behind such a link (/Next), in a list, or anywhere. */
const ACTIONS = new Set([
  ...['/GoToR', '/GoToE', '/GoToDp', '/Launch', '/Thread', '/URI', '/Sound', '/Movie', '/Hide', '/Named'],
  ...['/SubmitForm', '/ResetForm', '/ImportData', '/JavaScript', '/SetOCGState', '/Rendition', '/Trans'],
  ...['/GoTo3DView', '/RichMediaExecute'],
]);

/** Of all that can act, a report's PDF has links within itself alone. */
function checkNothingActs(objects) {
  const valueAt = (members, key) => {
    const value = members?.get(key);
    return value?.ref === undefined ? value : objects.get(value.ref).value;
  };
  const nameAt = (members, key) => valueAt(members, key)?.name;
  for (const { value, stream } of objects.values()) {
    if (stream !== null && OUTSIDE.some((key) => value.members.has(key)))
      fail('the PDF holds a stream that shows another file');
  }
  for (const [, members] of dictionariesOf(objects)) {
    for (const key of members.keys()) {
      if (Object.hasOwn(ACTIVE, key)) fail(`the PDF holds ${ACTIVE[key]}`);
    }
    const linked = valueAt(valueAt(members, '/A')?.members, '/S') ?? { word: 'null' };
    if (linked.word !== 'null' && linked.name !== '/GoTo')
      fail('the PDF holds a link out of it, or one that acts');
    if (nameAt(members, '/Type') === '/Action' && nameAt(members, '/S') !== '/GoTo')
      fail('the PDF holds an action other than a link within it');
    if (ACTIONS.has(nameAt(members, '/S')))
      fail('the PDF holds an action that another one starts, or a list');
    if (members.has('/Rect') && nameAt(members, '/Subtype') !== '/Link')
      fail('the PDF holds a note, a form or a film on a page');
    if (members.has('/Contents') && members.has('/Subtype'))
      fail('the PDF holds an annotation with a text of its own');
    if (['/ObjStm', '/XRef'].includes(nameAt(members, '/Type'))) fail('the PDF holds compressed objects');
  }
}

/** Every dictionary, with the number of the object that it is in, and whether it is that object. */
function* dictionariesOf(objects) {
  for (const [number, { value }] of objects) {
    const waiting = [value];
    while (waiting.length > 0) {
      const each = waiting.pop();
      for (const inner of innerOf(each)) waiting.push(inner);
      if (each.members !== undefined) yield [number, each.members, each === value];
    }
  }
}

/** How files are attached: media type, relationship, description. Whoever opens the PDF is shown them. */
const FORMS = {
  'report.note': ['text/plain', 'Supplement', 'The signed statement over the JSON, a signed note (C2SP)'],
  'entries.ndjson': ['application/x-ndjson', 'Source', "The entries of the session's audit log, a line each"],
  'session_closed.ndjson': [
    'application/x-ndjson',
    'Source',
    "The account log's entries about these sessions, a line each",
  ],
  'session_closed.multiproof.json': [
    'application/json',
    'Supplement',
    "The proof that these entries are under the account log's checkpoint",
  ],
};
const formOf = (name) =>
  own(FORMS, name) ?? ['application/json', 'Data', 'The report as JSON, Masker Audit Schema v1'];

/** A text as a PDF has it in hex. */
const utf16 = (text) => `<feff${hex(Buffer.from(text, 'utf16le').swap16())}>`;

const sortedKeys = (members) => [...(members?.keys() ?? [])].sort().join();

function checkSpec({ members }, name) {
  if (sortedKeys(members) !== '/AFRelationship,/Desc,/EF,/F,/Type,/UF')
    fail(`the PDF says more, or less, of its attached file ${name} than reports do`);
  const [, relationship, description] = formOf(name);
  const isUsual =
    members.get('/Type').name === '/Filespec' &&
    members.get('/AFRelationship').name === `/${relationship}` &&
    members.get('/Desc').hexText?.toLowerCase() === utf16(description);
  if (!isUsual) fail(`the PDF does not attach its file ${name} as reports do`);
}

function unpackAttached(object, name) {
  const members = object?.value.members;
  if (members?.get('/Type')?.name !== '/EmbeddedFile') {
    return fail(`the PDF's attached file ${name} is none`);
  }
  // A reader may take the contents from elsewhere (/F), or unpack them to others (/DecodeParms).
  if (sortedKeys(members) !== '/Filter,/Length,/Params,/Subtype,/Type')
    fail(`the PDF stores its attached file ${name} in another way than reports do`);
  if (members.get('/Filter')?.name !== '/FlateDecode')
    fail(`the PDF's attached file ${name} is not packed as usual`);
  if (members.get('/Subtype').name !== `/${formOf(name)[0].replace('/', '#2F')}`)
    fail(`the PDF's attached file ${name} is said to be of another type`);
  const stated = members.get('/Params')?.members;
  if (sortedKeys(stated) !== '/CheckSum,/CreationDate,/ModDate,/Size')
    fail(`the PDF says more, or less, of its attached file ${name} than its size, times and checksum`);
  const size = stated.get('/Size')?.number;
  if (!isWhole(size)) fail(`the PDF's attached file ${name} states a size that is none`);
  if (size > ATTACHMENT_LIMIT)
    leave(
      `the PDF's attached file ${name} is larger than the ${ATTACHMENT_LIMIT} bytes that this program takes`,
    );
  const bytes = unpack(inflateSync, object.stream, size, `the PDF's attached file ${name}`);
  if (size !== bytes.length) fail(`the PDF's attached file ${name} is of another size than stated`);
  const md5 = createHash('md5').update(bytes).digest('hex');
  if (stated.get('/CheckSum')?.hexText?.toLowerCase() !== `<${md5}>`) {
    fail(`the PDF's attached file ${name} has another checksum than stated`);
  }
  return bytes;
}

/** No dictionary but those listed names a file, and no stream but those named is one. */
function checkNoOtherFiles(objects, specs, streams) {
  for (const [number, members, isObject] of dictionariesOf(objects)) {
    const stated = members.get('/Type');
    const type = (stated?.ref === undefined ? stated : objects.get(stated.ref).value)?.name;
    const isSpec = members.has('/EF') || type === '/Filespec';
    if (isSpec && !(isObject && specs.includes(number)))
      fail('the PDF has an attached file that it does not list');
    if (type === '/EmbeddedFile' && !streams.has(number)) fail('the PDF holds a file that no name leads to');
  }
}

/** The bytes that packed data gives, which must end where the data ends. */
function unpack(inflate, data, limit, what) {
  let result;
  try {
    // In one piece: pieces would be put together in as much memory again. A piece that is filled is followed by another.
    const chunkSize = Math.max(64, limit + 1);
    result = inflate(data, { info: true, maxOutputLength: Math.max(limit, 1), chunkSize });
  } catch {
    return fail(`${what} cannot be unpacked, or is larger than it may be`);
  }
  if (result.engine.bytesWritten !== data.length) fail(`${what} has bytes behind its packed data`);
  return result.buffer;
}

// ---- Zip, of which every byte is a header, data, or the directory

const PACK_FILES = new Set([
  ...[
    'report.json',
    'report.pdf',
    'report.note',
    'entries.ndjson',
    'session_closed.json',
    'session.tlog-proof',
  ],
  ...['policy.yaml', 'VERIFY.md', 'verify.mjs', 'verify.py', 'verify.html'],
]);

/** Fields that the header before a file's data shares with its line in the directory, as bytes from its version on. */
const SHARED_FIELDS = 26;

function filesInZip(bytes) {
  const wrong = (what) => fail(`the pack is not one plain zip: ${what}`);
  const end = bytes.length - 22;
  if (end < 0 || bytes.readUInt32LE(end) !== 0x06054b50) return wrong('its end record is not at its end');
  if (bytes.readUInt16LE(end + 20) !== 0) wrong('it has a comment');
  if (bytes.readUInt32LE(end + 4) !== 0) wrong('it is split over several disks');
  const count = bytes.readUInt16LE(end + 8);
  if (bytes.readUInt16LE(end + 10) !== count) wrong('it counts its files in two ways');
  const directoryAt = bytes.readUInt32LE(end + 16);
  if (directoryAt + bytes.readUInt32LE(end + 12) !== end)
    wrong('bytes stand between its directory and its end record');

  const files = new Map();
  let line = directoryAt;
  let at = 0;
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    if (line + 46 > end || bytes.readUInt32LE(line) !== 0x02014b50)
      return wrong('its directory is cut or damaged');
    const [flags, method] = [bytes.readUInt16LE(line + 8), bytes.readUInt16LE(line + 10)];
    const [checksum, packedSize, size] = [16, 20, 24].map((offset) => bytes.readUInt32LE(line + offset));
    const nameLength = bytes.readUInt16LE(line + 28);
    const name = bytes.subarray(line + 46, line + 46 + nameLength).toString('latin1');
    if (!PACK_FILES.has(name)) wrong(`it holds a file that no pack has, ${JSON.stringify(name)}`);
    if (files.has(name)) wrong(`it holds ${name} twice`);
    if (flags !== 0 && flags !== 0x0800) wrong(`${name} is encrypted, or its size is not known beforehand`);
    if (bytes.readUInt32LE(line + 30) !== 0 || bytes.readUInt16LE(line + 34) !== 0)
      wrong(`${name} has a comment or extra fields`);
    const attributes = bytes.readUInt32LE(line + 38);
    // The upper half is what Unix has of a file: its kind, then its rights.
    if (![0, 0o100000].includes((attributes >>> 16) & 0o170000) || (attributes & 0x10) !== 0)
      wrong(`${name} is a folder, a link or another thing that is no plain file`);
    if (bytes.readUInt32LE(line + 42) !== at)
      wrong(`bytes stand before ${name}, or it begins within another file`);
    if (at + 30 > end || bytes.readUInt32LE(at) !== 0x04034b50) wrong(`${name} has no header`);
    const before = Buffer.concat([
      bytes.subarray(at + 4, at + 4 + SHARED_FIELDS),
      bytes.subarray(at + 30, at + 30 + nameLength),
    ]);
    const listed = Buffer.concat([
      bytes.subarray(line + 6, line + 6 + SHARED_FIELDS),
      Buffer.from(name, 'latin1'),
    ]);
    if (!before.equals(listed)) wrong(`the header of ${name} says something else than the directory`);
    const dataAt = at + 30 + nameLength;
    total += size;
    // A longer log is honest: nothing is said to be wrong with it.
    if (total > SIZE_LIMIT)
      throw new Refused(
        1,
        `The pack is larger than ${SIZE_LIMIT} bytes when unpacked: ask for range proofs in its place`,
      );
    const data = bytes.subarray(dataAt, dataAt + packedSize);
    if (method !== 0 && method !== 8) wrong(`${name} is packed in an unusual way`);
    const file = method === 0 ? data : unpack(inflateRawSync, data, size, `the pack's ${name}`);
    if (file.length !== size) wrong(`${name} is of another size than stated`);
    if (crc32(file) !== checksum) wrong(`${name} has another checksum than stated`);
    files.set(name, file);
    at = dataAt + packedSize;
    line += 46 + nameLength;
  }
  if (at !== directoryAt) wrong('bytes stand between its files and its directory');
  if (line !== end) wrong('its directory is longer than it counts');
  return files;
}

const CRC_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

// ---- The files that are given, by their content

/**
 * What a file is: `pdf`, `pack`, `note`, `report`, `proof`. A JSON is what its first member says, whatever is wrong behind
 * that: the axis `bytes` tells it. A JSON that begins with another member is looked into. A file that is none of ours is
 * refused.
 */
function kindOf(bytes, path) {
  const head = bytes.subarray(0, 64).toString('latin1');
  // A byte order mark, or a part of it, is no more than a byte that stands before the JSON, and that `bytes` refuses.
  const first = bytes.findIndex((byte) => ![0xef, 0xbb, 0xbf, 0x20, 0x09, 0x0a, 0x0d].includes(byte));
  if (head.startsWith('%PDF-')) return 'pdf';
  if (head.startsWith('PK')) return 'pack';
  if (head.startsWith('masker-evidence/report/')) return 'note';
  if (bytes[first] === 0x7b) {
    const begin = bytes.toString('latin1', first, first + 20);
    if (begin.startsWith('{"report"')) return 'report';
    if (begin.startsWith('{"event_proof"') || begin.startsWith('{"range_proof"')) return 'proof';
    const value = tried(() => parseFile(bytes, path));
    if (value === null || own(value, 'report') !== undefined) return 'report';
    if (own(value, 'event_proof') !== undefined || own(value, 'range_proof') !== undefined) return 'proof';
  }
  throw new Refused(1, `${path} is no report, pack, statement or proof of Masker`);
}

/** The parts of a report, from whichever container. Fails for a container that is not in order. */
function openReport({ kind, bytes, note, files }) {
  if (kind === 'report') return withReport({ json: bytes, note }, 'the report');
  return kind === 'pdf' ? openPdf(files ?? filesInPdf(bytes)) : openPack(files ?? filesInZip(bytes));
}

const NAME_IN_PDF =
  /^masker-(session|agent|account)-([a-z]{3,4}_[0-9A-Z]{26})(-[0-9][0-9Qto-]{3,25})?\.json$/;
const ACCOMPANYING = {
  session: ['report.note', 'entries.ndjson'],
  agent: ['report.note', 'session_closed.ndjson', 'session_closed.multiproof.json'],
  account: ['report.note', 'session_closed.ndjson', 'session_closed.multiproof.json'],
};

function openPdf(files) {
  const reports = [...files.keys()].filter((name) => NAME_IN_PDF.test(name));
  if (reports.length === 0) fail('the PDF has no report attached');
  const parts = withReport(
    { json: files.get(reports[0]), note: files.get('report.note') ?? null },
    'the attached report',
  );
  const { report, scope } = parts;
  const [, kind, id, window] = NAME_IN_PDF.exec(reports[0]);
  const subject =
    scope === 'session' ? report.session_id : scope === 'agent' ? own(report, 'agent_id') : report.account.id;
  if (kind !== scope || id !== subject) fail('the attached report bears the name of another subject');
  if (window !== (scope === 'session' ? undefined : `-${windowName(report.window)}`))
    fail('the attached report bears the name of another window');
  for (const name of files.keys()) {
    if (name !== reports[0] && !ACCOMPANYING[scope].includes(name))
      fail(`the PDF has an attached file that such a report has not, ${name}`);
  }
  const [lines, multiproof] = [
    files.get('session_closed.ndjson'),
    files.get('session_closed.multiproof.json'),
  ];
  if ((lines === undefined) !== (multiproof === undefined))
    fail("the PDF has the log's lines or their proof, and not both");
  return {
    ...parts,
    files,
    container: `the PDF carries ${plural(files.size, 'file')}, nothing stands outside the form of a report's file, and its properties are the report's; what its pages, its bookmarks and a screen reader say, and whether pages were added or left out, is another axis`,
    ...withLines(parts, files.get('entries.ndjson'), lines, multiproof),
  };
}

/** A window as a file's name has it: the calendar period that was asked for, or its first and last day. */
function windowName({ since, until, period }) {
  return period ?? `${since.slice(0, 10)}-to-${until.slice(0, 10)}`;
}

function openPack(files) {
  const json = files.get('report.json');
  if (json === undefined) return fail('the pack holds no report.json');
  const parts = withReport({ json, note: files.get('report.note') ?? null }, 'report.json');
  if (parts.scope !== 'session') fail('the pack holds a report on many sessions');
  const closed = files.get('session_closed.json');
  if (closed !== undefined) parseFile(closed, 'session_closed.json');
  const tlogProof = files.get('session.tlog-proof');
  if (tlogProof !== undefined) textOf(tlogProof, 'session.tlog-proof');
  const policy = files.get('policy.yaml');
  if (policy !== undefined && !policy.equals(Buffer.from(parts.report.policy_snapshot))) {
    fail("policy.yaml is not the policy in the report's text");
  }
  const pdf = files.get('report.pdf');
  if (pdf !== undefined) comparePdf(openPdf(filesInPdf(pdf)), files);
  return {
    ...parts,
    files,
    closedFile: closed === undefined ? null : closed.toString('utf8'),
    tlogProof: tlogProof ?? null,
    container: `the pack holds ${plural(files.size, 'file')}, and nothing stands outside the form of a pack`,
    ...withLines(parts, files.get('entries.ndjson')),
  };
}

/** The pack's PDF carries the pack's own files. */
function comparePdf({ json, files: attached }, files) {
  if (!json.equals(files.get('report.json')))
    fail('the report in report.pdf is another one than report.json');
  for (const name of ['report.note', 'entries.ndjson']) {
    const inPdf = attached.get(name);
    if (inPdf !== undefined && !files.get(name)?.equals(inPdf))
      fail(`${name} in report.pdf is another one than the pack's`);
  }
}

function withLines({ report, scope }, entries, lines, multiproof) {
  const proof = multiproof === undefined ? null : parseMultiproof(multiproof);
  return {
    entries: entries === undefined ? null : linesOf(entries, 'entries.ndjson', report.audit_log.event_count),
    lines: lines === undefined ? null : linesOf(lines, 'session_closed.ndjson', proof.indexes.length),
    multiproof: proof,
    scope,
  };
}

function parseMultiproof(bytes) {
  const what = 'session_closed.multiproof.json';
  const value = parseFile(bytes, what);
  const members = {
    hashes: isTexts,
    indexes: (list) => Array.isArray(list) && list.every(isNumber),
    size: isNumber,
    v: (v) => v === 1,
  };
  if (!hasExactly(value, { multiproof: (inner) => hasExactly(inner, members) }))
    fail(`${what} has not the members of a multiproof`);
  return value.multiproof;
}

/** The members of a report that are read here. Everything else in it is covered by the statement alone. */
const REPORT_MEMBERS = {
  account: (value) => isText(own(value, 'id')),
  generated_at: isText,
  id: isText,
  merkle_root_hex: isText,
  redaction_count: isWhole,
  redactions_by_kind: isObject,
  redactions_by_pass: isObject,
};
const SESSION_MEMBERS = {
  ...REPORT_MEMBERS,
  agent: (value) => isText(own(value, 'id')),
  audit_log: (value) =>
    isWhole(own(value, 'event_count')) &&
    ['end_hash', 'key_id', 'state'].every((name) => isText(own(value, name))),
  policy: (value) => isText(own(value, 'sha256')),
  session: (value) =>
    isText(own(value, 'id')) &&
    isText(own(value, 'started_at')) &&
    isText(own(value, 'status')) &&
    isNullOr(isText)(own(value, 'ended_at')),
  session_id: isText,
};
const ROW_MEMBERS = {
  id: (value) => isId('sess')(value),
  root_hex: isHash,
  state: isText,
  entries: isWhole,
  redactions: isWhole,
  log_index: (value) => isNullOr(Number.isSafeInteger)(value ?? null),
};
const isRow = (row) => Object.entries(ROW_MEMBERS).every(([name, test]) => test(own(row, name)));
const WIDE_MEMBERS = {
  ...REPORT_MEMBERS,
  audit_log: (value) => ['sessions_walked', 'entries_read'].every((name) => isWhole(own(value, name))),
  sessions: (rows) => Array.isArray(rows) && rows.every(isRow),
  sessions_total: isWhole,
  window: (value) =>
    ['since', 'until'].every((name) => isText(own(value, name))) && isNullOr(isText)(own(value, 'period')),
};
const MEMBERS = { session: SESSION_MEMBERS, agent: WIDE_MEMBERS, account: WIDE_MEMBERS };

function withReport(parts, what) {
  const envelope = parseFile(parts.json, what);
  if (!hasExactly(envelope, { report: isObject })) fail(`${what} has not the form of a report`);
  const { report } = envelope;
  const members = own(MEMBERS, own(report, 'scope'));
  if (members === undefined) return fail(`${what} is of an unknown scope`);
  for (const [name, test] of Object.entries(members)) {
    if (!test(own(report, name))) fail(`${what} has no ${name} as reports have it`);
  }
  checkPolicyTexts(report);
  return {
    closedFile: null,
    tlogProof: null,
    entries: null,
    lines: null,
    multiproof: null,
    files: null,
    ...parts,
    report,
    scope: report.scope,
    container: 'it is canonical JSON',
  };
}

/** A policy's text is that of its SHA-256, which the account log has: without a statement nothing else is over the text. */
function checkPolicyTexts(report) {
  const { policy, policy_snapshot: snapshot } = report;
  const listed = own(report, 'policies');
  const texts =
    report.scope === 'session'
      ? [[snapshot, policy.sha256]]
      : Array.isArray(listed)
        ? listed.map((each) => [own(each, 'text'), own(each, 'sha256')])
        : [];
  for (const [text, sha256Hex] of texts) {
    if (!isText(text) || hex(sha256(Buffer.from(text))) !== sha256Hex)
      fail('a policy in the report has another text than its SHA-256 is over');
  }
}

// ---- The audit log's entries (audit-format)

const ULID = '[0-9A-HJKMNP-TV-Z]{26}';
const isId = (prefix) => {
  const pattern = new RegExp(`^${prefix}_${ULID}$`);
  return (value) => isText(value) && pattern.test(value);
};
const isTime = (value) => {
  if (!isText(value) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return false;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString() === value;
};

/** The milliseconds since 1970 of a time with or without them. NaN for none: `Date.parse` alone takes more spellings. */
const momentOf = (text) => (isTime(text.replace(/(?<=:\d\d)Z$/, '.000Z')) ? Date.parse(text) : Number.NaN);

/** The types of fields. Those left out are compared with what they must be. */
const ENTRY_FIELDS = {
  ts: isTime,
  event_id: isId('evt'),
  kind: isText,
  pass: isText,
  entity_kind: (value) => isText(value) && Buffer.byteLength(value) <= 128,
  span: (value) => Array.isArray(value) && value.length === 2 && value.every(isWhole) && value[0] <= value[1],
  confidence: (value) => isNumber(value) && value >= 0 && value <= 1,
  token_kind: isText,
  kid: isText,
  reason: isText,
  prev_hash: isHash,
  this_hash: isHash,
};
const REQUIRED = ['seq', 'ts', 'event_id', 'session_id', 'agent_id', 'kind', 'prev_hash', 'this_hash'];
const REQUIRED_BY_KIND = {
  redaction: ['pass', 'entity_kind', 'span', 'confidence', 'token_kind', 'kid'],
  rehydration_failed: ['entity_kind', 'reason', 'token_kind', 'kid'],
};

/** An entry of the audit log; `seq` is its place, for the message. */
function parseEntry(text, seq) {
  const what = `entry ${seq}`;
  if (Buffer.byteLength(text) > ENTRY_LIMIT) fail(`${what} is longer than ${ENTRY_LIMIT} bytes`);
  const entry = parseCanonical(text, what);
  for (const [name, test] of Object.entries(ENTRY_FIELDS)) {
    if (own(entry, name) !== undefined && !test(own(entry, name))) fail(`${what} has a ${name} that is none`);
  }
  const required = [...REQUIRED, ...(own(REQUIRED_BY_KIND, own(entry, 'kind')) ?? [])];
  const missing = required.find((name) => own(entry, name) === undefined);
  if (missing !== undefined) fail(`${what} has no ${missing}`);
  return entry;
}

const ZEROS = '0'.repeat(64);

/** Entries from `from` on that follow each other; `before` is the hash before the first, null where it is not known. */
function checkChain(texts, { from, before, sessionId, agentId }) {
  let previous = before;
  return texts.map((text, i) => {
    const seq = from + i;
    const entry = parseEntry(text, seq);
    if (entry.seq !== seq) fail(`entry ${seq} is expected, and entry ${entry.seq} found`);
    if (entry.session_id !== sessionId) fail(`entry ${seq} is of another session, ${entry.session_id}`);
    if (entry.agent_id !== agentId) fail(`entry ${seq} is of another agent, ${entry.agent_id}`);
    if (previous !== null && entry.prev_hash !== previous)
      fail(`entry ${seq} does not follow the one before it`);
    previous = entry.this_hash;
    return entry;
  });
}

// ---- The account log's entry on a closed session

const CLOSED_MEMBERS = {
  account_id: isId('acc'),
  agent_id: isId('agt'),
  ended_at: isNullOr(isTime),
  head_hash: isHash,
  key_id: (value) => isText(value) && value !== '',
  kind: (value) => value === 'session_closed',
  merkle_root_hex: isHash,
  policy_sha256: isHash,
  seal: isNullOr(isHash),
  session_id: isId('sess'),
  size: isWhole,
  started_at: isTime,
  status: (value) => ['ok', 'error', 'partial'].includes(value),
};

function parseClosed(text, what) {
  if (!isText(text)) fail(`${what} is no text`);
  if (Buffer.byteLength(text) > LOG_ENTRY_LIMIT) fail(`${what} is longer than ${LOG_ENTRY_LIMIT} bytes`);
  const entry = parseCanonical(text, what);
  if (!hasExactly(entry, CLOSED_MEMBERS)) fail(`${what} is no entry on a closed session`);
  return entry;
}

// ---- Verdicts on a report

/** The eight verdicts on a report, and what a comparison with another one needs. */
function checkReport(file, options) {
  let parts = null;
  const opened = judge(() => {
    parts = openReport(file);
    return parts.container;
  });
  return parts === null ? { verdicts: nothingElse(opened) } : judgeReport(parts, opened, options);
}

/** Where the bytes are not in order, or are too many, nothing else in them is read. */
function nothingElse(bytes) {
  const rest = { verdict: NOT_CHECKED, detail: 'the file was not taken apart: see bytes' };
  return Object.fromEntries(AXES.map((axis) => [axis, axis === 'bytes' ? bytes : rest]));
}

function judgeReport(parts, bytes, options) {
  const statement = judge(() => checkStatement(parts, options));
  const isSession = parts.scope === 'session';
  const entries = judge(() => (isSession ? checkEntries(parts) : checkRows(parts, statement)));
  const found = { checkpoints: [] };
  const log = judge(() =>
    isSession ? checkSessionInLog(parts, options, found) : checkLines(parts, options, found, statement),
  );
  const completeness = judge(() =>
    isSession
      ? checkComplete(parts, entries, log, closedOf(parts))
      : checkAllLogged(parts, entries, log, statement),
  );
  const verdicts = {
    bytes,
    statement,
    entries,
    completeness,
    log,
    witnesses: judge(() => checkWitnesses(options, log, found.checkpoints)),
    pages: judge(() =>
      leave(
        "nothing in the file proves what the PDF's pages and bookmarks show, or what a screen reader speaks: compare them with the attached JSON, or have the operator verify the PDF",
      ),
    ),
    macs: judge(() => checkReportMacs(parts, options)),
  };
  const softer = withUnsigned(withoutGreen(verdicts, options));
  return { verdicts: softer, parts, checkpoints: found.checkpoints };
}

/** Without a statement, a green word on the bytes of a report must not seem to be about its contents. */
function withUnsigned(verdicts) {
  const { bytes, statement } = verdicts;
  if (!isProved(bytes) || isProved(statement)) return verdicts;
  const detail = `${bytes.detail}. No verified statement is over it: what the report says is signed by nobody`;
  return { ...verdicts, bytes: { verdict: VERIFIED, detail } };
}

/** Nothing is verified without a signature by a key that the caller gave. */
function withoutGreen(verdicts, { keys }) {
  if (isProved(verdicts.statement) || isProved(verdicts.log)) return verdicts;
  const why = keys.length === 0 ? 'a key that you gave (--key)' : 'the key that you gave';
  const soften = (found) =>
    isProved(found)
      ? { verdict: NOT_CHECKED, detail: `it agrees with itself, but nothing in it is signed by ${why}` }
      : found;
  const { bytes, entries, completeness } = verdicts;
  return { ...verdicts, bytes: soften(bytes), entries: soften(entries), completeness: soften(completeness) };
}

const isProved = ({ verdict }) => verdict === VERIFIED;

// ---- statement

function checkStatement({ json, note: bytes, report }, options) {
  if (bytes === null) return leave('the file carries no signed statement');
  const statement = parseStatement(bytes);
  const { id, digest, generatedAt, origin } = statement;
  if (id !== report.id) fail(`the statement is over another report, ${id}`);
  if (digest !== sha256(json).toString('base64'))
    fail('the statement is over other bytes than these: the SHA-256 differs');
  if (generatedAt !== report.generated_at) fail(`the statement gives another time, ${generatedAt}`);
  if ((own(report.evidence, 'origin') ?? origin) !== origin)
    fail(`the statement names another log than the report, ${origin}`);
  const key = signerOfStatement(statement, options);
  return `report ${id} of ${generatedAt}, these very bytes, signed by ${describeKeys([key])}`;
}

function parseStatement(bytes) {
  const note = parseNote(textOf(bytes, 'the statement'), 'the statement');
  const [form, id, digest, generatedAt, origin, ...rest] = note.text.split('\n');
  if (form !== 'masker-evidence/report/v1' || rest.length !== 1)
    fail('the statement has not the form of one over a report');
  return { note, id, digest, generatedAt, origin };
}

function signerOfStatement({ note, origin }, { keys }) {
  if (keys.length === 0)
    leave('you gave no key (--key): anyone can sign a statement with a key of their own');
  if (keys[0].name !== origin) fail(`the statement is by another log than the key that you gave, ${origin}`);
  return signerOf(note, keys, 'the statement');
}

/** A statement without its report can be wrong, and proves nothing. */
function checkStatementAlone({ bytes }, options) {
  signerOfStatement(parseStatement(bytes), options);
  return leave("it is a statement alone: name the report's JSON too");
}

// ---- entries

function checkEntries({ entries: texts, report }) {
  if (texts === null) return leave('the file does not carry the entries of the audit log');
  const { audit_log: log, session_id: sessionId, agent, merkle_root_hex: rootHex } = report;
  const entries = checkChain(texts, { from: 0, before: ZEROS, sessionId, agentId: agent.id });
  if (log.event_count !== entries.length)
    fail(`the report counts ${log.event_count} entries, and there are ${entries.length}`);
  const head = entries.at(-1)?.this_hash ?? ZEROS;
  if (log.end_hash !== head) fail(`the last hash is ${head}, and the report states ${log.end_hash}`);
  const root = hex(rootOf(texts));
  if (root !== rootHex) fail(`the entries give the root ${root}, and the report states ${rootHex}`);
  const redactions = entries.filter(({ kind }) => kind === 'redaction');
  if (report.redaction_count !== redactions.length)
    fail(`the report counts ${report.redaction_count} redactions, and there are ${redactions.length}`);
  compareCounts(
    report.redactions_by_kind,
    redactions.map((entry) => entry.entity_kind),
    'kind',
  );
  compareCounts(
    report.redactions_by_pass,
    redactions.map((entry) => entry.pass),
    'pass',
  );
  return `${plural(entries.length, 'entry').replace(/y$/, entries.length === 1 ? 'y' : 'ies')}, each follows the one before it; they give the root and the counts that the report states`;
}

function compareCounts(stated, names, what) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isSame =
    Object.keys(stated).length === counts.size &&
    [...counts].every(([name, count]) => own(stated, name) === count);
  if (!isSame) fail(`the report's redactions by ${what} are not those of the entries`);
}

/** Why the log's lines are not enough: they say nothing of redactions, of open sessions, or of one that was left out. */
const NO_STATEMENT =
  'it agrees with itself, but only a statement says which sessions and figures were reported';

/** Of a report on many sessions: the root over one leaf a session, and the totals. */
function checkRows({ report }, statement) {
  const { sessions, audit_log: log } = report;
  for (const [i, { id }] of sessions.entries()) {
    if (i > 0 && !(id > sessions[i - 1].id)) fail(`its sessions do not ascend, each once, at ${id}`);
  }
  const leaves = sessions.map(({ id, root_hex: root, entries: size }) =>
    canonical({ root, session_id: id, size }),
  );
  const root = hex(rootOf(leaves));
  if (root !== report.merkle_root_hex)
    fail(`its sessions give the root ${root}, and it states ${report.merkle_root_hex}`);
  const sum = (name) => sessions.reduce((total, row) => total + row[name], 0);
  const sumOf = (counts) =>
    Object.values(counts).reduce((total, each) => (isWhole(each) ? total + each : Number.NaN), 0);
  const totals = [
    ['sessions', report.sessions_total, sessions.length],
    ['walked sessions', log.sessions_walked, sessions.length],
    ['entries', log.entries_read, sum('entries')],
    ['redactions', report.redaction_count, sum('redactions')],
    ['redactions by kind', sumOf(report.redactions_by_kind), sum('redactions')],
    ['redactions by pass', sumOf(report.redactions_by_pass), sum('redactions')],
    ['walked sessions', own(report.completeness, 'sessions_walked'), sessions.length],
    ['entries', own(report.completeness, 'entries_read'), sum('entries')],
  ];
  for (const [what, stated, found] of totals) {
    if (stated !== found) fail(`it counts ${stated} ${what}, and its sessions give ${found}`);
  }
  if (!isProved(statement)) leave(NO_STATEMENT);
  return `its ${plural(sessions.length, 'session')} give the root and the totals that it states`;
}

// ---- completeness

/** Why a report has no evidence, in its own word. */
const missingOf = (report) => own(report, 'evidence_missing') ?? 'it does not say why';

/** The entry on the closed session that a proof here is of; the axis `log` says whether the proof holds. */
function closedOf({ report, tlogProof }) {
  return tried(() => {
    const text = own(report.evidence, 'session_closed');
    if (text !== undefined || tlogProof === null) return parseClosed(text, 'it');
    return parseClosed(parseTlogProof(textOf(tlogProof, 'it'), 'it').entry, 'it');
  });
}

function checkComplete({ entries: texts, report }, entries, log, closed) {
  if (texts === null) return leave('the file does not carry the entries of the audit log');
  if (log.verdict === FAILED) return leave("the session's entry in the account's log failed");
  if (closed === null) return leave(`the file has no evidence of the account's log (${missingOf(report)})`);
  if (texts.length !== closed.size)
    return fail(
      `the account's log says that the session closed with ${closed.size} entries, and ${texts.length} are here`,
    );
  if (entries.verdict === FAILED) return leave('the entries failed');
  return checkClosed(closed);
}

function checkClosed({ ended_at: endedAt, seal, size }) {
  if (endedAt === null) leave('the session had not ended: more entries may have come');
  if (seal === null)
    leave(
      'the session ended and its log was not sealed: entries at its end may have been cut before it was logged',
    );
  return `all ${size} of the closed and sealed session, ended ${endedAt}`;
}

/** The sessions of the window that a report names and counts nowhere, in words. */
function leftOutOf(report) {
  const told = own(report, 'completeness') ?? null;
  return [
    [own(told, 'sessions_missing'), 'in the account’s log, and not stored any more'],
    [own(told, 'sessions_gone'), 'gone while the report was made'],
    [own(report, 'exceptions'), 'named as exceptions'],
  ]
    .filter(([ids]) => ids != null && !(Array.isArray(ids) && ids.length === 0))
    .map(([ids, how]) => `${Array.isArray(ids) ? ids.length : 'some'} ${how}`);
}

function checkAllLogged({ report, lines, multiproof }, entries, log, statement) {
  if (log.verdict === FAILED) return leave("the lines of the account's log failed");
  if (own(report, 'evidence') == null) return leave('the report has no evidence of the account’s log');
  if (lines === null) return leave('the lines of the account’s log are attached to the PDF alone');
  if (entries.verdict === FAILED) return leave('the sessions failed');
  // Sessions may still come into a window that goes on when the report is made. No comparison with NaN holds.
  if (!(momentOf(report.window.until) <= momentOf(report.generated_at)))
    leave('the report does not show that its window was over when it was made');
  const leftOut = leftOutOf(report);
  if (leftOut.length > 0) leave(`by its own words the report leaves sessions out: ${leftOut.join(', ')}`);
  const { closed, missing } = unlogged(report, multiproof);
  if (missing.length > 0)
    leave(
      `${missing.length} of ${closed.length} closed sessions have no line of the account's log here, ${missing[0].id} first`,
    );
  const unsealed = lines.map((line) => parseClosed(line, 'it')).filter(({ seal }) => seal === null);
  if (unsealed.length > 0)
    leave(
      `${unsealed.length} of ${closed.length} closed sessions were not sealed, ${unsealed[0].session_id} first: entries at their end may have been cut before they were logged`,
    );
  if (!isProved(statement)) leave(NO_STATEMENT);
  return `every closed session of the report, ${closed.length}, was sealed and stands in the account's log`;
}

// ---- log

/** Whether an entry is under the checkpoint at its index. */
function checkInclusion({ index, hashes, checkpoint }, text, what) {
  let root;
  try {
    root = rootFromInclusion(index, checkpoint.size, hashLeaf(text), hashes);
  } catch (error) {
    throw error instanceof Failed ? new Failed(`${what}: ${error.message}`) : error;
  }
  if (!root.equals(checkpoint.root)) fail(`${what}: it does not lead to the root that was signed`);
}

/** The given key that signed the checkpoint. */
function checkSigned({ note, origin }, { keys }, what) {
  if (keys.length === 0)
    leave('it holds, but you gave no key (--key): anyone can sign a log with a key of their own');
  if (keys[0].name !== origin) fail(`${what} is of another log than the key that you gave, ${origin}`);
  return signerOf(note, keys, what);
}

const OF_SESSION = 'checkpoint,inclusion,log_index,log_size,origin,session_closed,verifier_key';

/** The checkpoint that a report's evidence carries, which is what the evidence says beside it. */
function checkpointIn(evidence, names) {
  if (Object.keys(evidence).join() !== names)
    fail('the evidence has not the members that reports have there');
  const checkpoint = parseCheckpoint(own(evidence, 'checkpoint'), "the report's checkpoint");
  const { origin, size } = checkpoint;
  if (origin !== own(evidence, 'origin')) fail(`the report's checkpoint is of another log, ${origin}`);
  if (size !== own(evidence, 'log_size'))
    fail(`the report's checkpoint has another size than the report says, ${size}`);
  return checkpoint;
}

/** The proofs that a report on a session, or its pack, carries. */
function proofsOf({ report, tlogProof }) {
  const proofs = [];
  const evidence = own(report, 'evidence') ?? null;
  if (evidence !== null) {
    const checkpoint = checkpointIn(evidence, OF_SESSION);
    const what = "the report's inclusion proof";
    const hashes = hashesOf(own(evidence, 'inclusion'), what);
    const [entry, index] = [own(evidence, 'session_closed'), own(evidence, 'log_index')];
    proofs.push({ what, entry, index, hashes, checkpoint });
  }
  if (tlogProof !== null) {
    const what = 'session.tlog-proof';
    const proof = parseTlogProof(textOf(tlogProof, what), what);
    proofs.push({
      ...proof,
      what,
      checkpoint: parseCheckpoint(proof.checkpoint, `the checkpoint of ${what}`),
    });
  }
  return proofs;
}

function checkSessionInLog(parts, options, found) {
  const { report, closedFile } = parts;
  const proofs = proofsOf(parts);
  if (proofs.length === 0)
    return leave(`the report has no evidence of the account's log (${missingOf(report)})`);
  const [{ entry: text }] = proofs;
  if (closedFile !== null && closedFile !== text)
    fail("session_closed.json is another entry than the proof's");
  if (proofs.some(({ entry }) => entry !== text)) fail('the two proofs are of two entries');
  const closed = parseClosed(text, 'the entry of the log');
  for (const proof of proofs) checkInclusion(proof, text, proof.what);
  compareWithReport(closed, report);
  compareProofs(proofs);
  let key;
  for (const { checkpoint } of proofs) key = checkSigned(checkpoint, options, 'the checkpoint');
  found.checkpoints.push(...proofs.map(({ checkpoint }) => checkpoint));
  const [{ index, checkpoint }] = proofs;
  return `entry ${index} of ${checkpoint.size} of the account's log says the same of the session; the log is signed by ${describeKeys([key])}`;
}

/** An entry is appended once, and a log has one root at a size. */
function compareProofs([first, second]) {
  if (second === undefined) return;
  if (first.index !== second.index)
    fail(`the two proofs are of two places of the log, ${first.index} and ${second.index}`);
  const [a, b] = [first.checkpoint, second.checkpoint];
  if (a.origin !== b.origin) fail(`the two proofs are of two logs, ${a.origin} and ${b.origin}`);
  if (a.size === b.size && !a.root.equals(b.root))
    fail(`the account's log of ${a.size} entries has two roots here`);
}

/** Times as reports write them: without milliseconds where they are zero. */
const presented = (time) => time?.replace('.000Z', 'Z') ?? null;

/** The state of a log that was logged so, as reports name it. */
const stateOf = ({ seal, ended_at: endedAt }) =>
  seal !== null ? 'sealed' : endedAt !== null ? 'unsealed' : 'open';

function compareWithReport(closed, report) {
  const { audit_log: log, session } = report;
  const compared = [
    ['account', closed.account_id, report.account.id],
    ['session', closed.session_id, report.session_id],
    ['session', closed.session_id, session.id],
    ['agent', closed.agent_id, report.agent.id],
    ['root', closed.merkle_root_hex, report.merkle_root_hex],
    ['number of entries', closed.size, log.event_count],
    ['last hash', closed.head_hash, log.end_hash],
    ['policy', closed.policy_sha256, report.policy.sha256],
    ['start', presented(closed.started_at), session.started_at],
    ['end', presented(closed.ended_at), session.ended_at],
    ['status', closed.status, session.status],
    ['audit key', closed.key_id, log.key_id],
  ];
  for (const [what, logged, stated] of compared) {
    if (logged !== stated)
      fail(`the report states another ${what} than the account's log: ${stated}, and ${logged} was logged`);
  }
  if (log.state === 'sealed' && closed.seal === null) fail('the report says sealed, and no seal was logged');
}

function checkLines({ report, lines, multiproof }, options, found, statement) {
  const evidence = own(report, 'evidence') ?? null;
  if (evidence === null)
    return leave(`the report has no evidence of the account's log (${missingOf(report)})`);
  const checkpoint = checkpointIn(evidence, 'checkpoint,log_size,origin,verifier_key');
  if (lines !== null) checkMultiproof(report, lines, multiproof, checkpoint);
  const key = checkSigned(checkpoint, options, 'the checkpoint');
  if (lines === null)
    leave('the checkpoint is signed, and the lines of the log under it are attached to the PDF alone');
  if (lines.length === 0 && !isProved(statement))
    leave('the checkpoint is signed, and no line of the log under it is about this report');
  found.checkpoints.push(checkpoint);
  const { closed, missing } = unlogged(report, multiproof);
  const rest =
    missing.length === 0
      ? ''
      : `. ${missing.length} of the ${closed.length} sessions that the report calls ended or sealed have no line here, and nothing in the log speaks for them`;
  return `${plural(lines.length, 'line')} of the account's log of ${checkpoint.size} say the same as the report; the log is signed by ${describeKeys([key])}${rest}`;
}

/** The rows that are not open, and those of them without a line of the account's log. */
function unlogged({ sessions }, { indexes }) {
  const there = new Set(indexes);
  const closed = sessions.filter(({ state }) => state !== 'open');
  return { closed, missing: closed.filter(({ log_index: index }) => !there.has(index ?? null)) };
}

function checkMultiproof(report, lines, multiproof, checkpoint) {
  const { indexes, size } = multiproof;
  if (size !== checkpoint.size)
    fail(`the multiproof is of ${size} entries, the checkpoint of ${checkpoint.size}`);
  const hashes = hashesOf(multiproof.hashes, 'the multiproof');
  const root = rootFromLeaves(indexes, lines.map(hashLeaf), size, hashes);
  if (!root.equals(checkpoint.root)) fail('the multiproof does not lead to the root that was signed');
  const rows = new Map();
  for (const row of report.sessions) {
    if (row.log_index == null) continue;
    if (rows.has(row.log_index)) fail(`two sessions of the report name entry ${row.log_index} of the log`);
    rows.set(row.log_index, row);
  }
  for (const [i, line] of lines.entries()) {
    const closed = parseClosed(line, `line ${i + 1} of the log`);
    const row = rows.get(indexes[i]);
    if (row === undefined) return fail(`no session of the report names entry ${indexes[i]} of the log`);
    const pairs = [
      ['session', closed.session_id, row.id],
      ['root', closed.merkle_root_hex, row.root_hex],
      ['number of entries', closed.size, row.entries],
      ['agent', closed.agent_id, row.agent_id],
      ['account', closed.account_id, report.account.id],
      ['policy', closed.policy_sha256, row.policy_sha256],
      ['status', closed.status, row.status],
      ['start', presented(closed.started_at), row.started_at],
      ['end', presented(closed.ended_at), row.ended_at],
      ['state', stateOf(closed), row.state],
    ];
    const other = pairs.find(([, logged, stated]) => logged !== stated)?.[0];
    if (other !== undefined) fail(`entry ${indexes[i]} of the log states another ${other} than the report`);
  }
}

// ---- witnesses

/** A witness that is on one of the checkpoints is enough; a wrong cosignature is wrong on any. */
function checkWitnesses({ witnesses }, log, checkpoints) {
  if (witnesses.length === 0) return leave('you gave no key of a witness (--witness)');
  if (log.verdict !== VERIFIED)
    return leave('the log is not verified, so there is nothing that a witness could have seen');
  const seen = new Map();
  for (const witness of witnesses) {
    for (const { note } of checkpoints) {
      for (const { name, id, bytes } of note.signatures) {
        if (name !== witness.name || id !== witness.id) continue;
        const seconds = cosignedAt(note.text, bytes, witness);
        if (seconds === null) fail(`the cosignature of ${name} is wrong`);
        seen.set(`${name} ${id}`, {
          name,
          seconds: Math.max(seconds, seen.get(`${name} ${id}`)?.seconds ?? 0),
        });
      }
    }
  }
  const away = witnesses.find(({ name, id }) => !seen.has(`${name} ${id}`));
  if (away !== undefined) leave(`${away.name} has not cosigned`);
  const times = [...seen.values()].map(
    ({ name, seconds }) => `${name} at ${new Date(seconds * 1000).toISOString()}`,
  );
  return `seen by ${times.join(', ')}`;
}

/** Seconds since 1970 at the end of the year 9999: no witness has a later time. */
const LAST_SECOND = 253_402_300_799n;

/** The seconds since 1970 of a cosignature (c2sp.org/tlog-cosignature), or null where it is wrong. */
function cosignedAt(text, bytes, key) {
  if (bytes.length !== 72) return null;
  const seconds = bytes.readBigUInt64BE(0);
  if (seconds > LAST_SECOND) return null;
  const isRight = isSigned(`cosignature/v1\ntime ${seconds}\n${text}`, bytes.subarray(8), key);
  return isRight ? Number(seconds) : null;
}

// ---- macs (audit-format: chain and seal)

function checkReportMacs(parts, options) {
  const { report, entries } = parts;
  const subject = { accountId: report.account.id, startedAt: own(report.session, 'started_at') };
  return checkMacs(entries, report.audit_log.key_id, closedOf(parts), subject, options);
}

function checkMacs(texts, keyId, closed, subject, { auditKeys }) {
  if (auditKeys === null) return leave('you gave no audit keys (--audit-key-file)');
  if (texts === null) return leave('the file does not carry the entries of the audit log');
  const find = (id) => {
    const key = auditKeys.get(id);
    if (key === undefined) leave(`audit key ${id} is not among those that you gave`);
    if (!isInScope(key, subject)) fail(`audit key ${id} may not sign for this account, or not at this time`);
    return key.bytes;
  };
  const key = find(keyId);
  for (const [i, text] of texts.entries()) checkMac(key, text, i);
  const chain = `each entry's hash is made with audit key ${keyId}`;
  if (closed === null || closed.seal === null) return `${chain}; there is no seal to check`;
  const { seal, kind: _, ...facts } = closed;
  const sealKey = createHmac('sha256', find(closed.key_id)).update('masker-seal/v1').digest();
  const expected = createHmac('sha256', sealKey).update(canonical(facts)).digest('hex');
  if (seal !== expected) fail(`the seal is not the one that audit key ${closed.key_id} gives`);
  return `${chain}, and so is the seal`;
}

function checkMac(key, text, place) {
  const entry = parseCanonical(text, `entry ${place}`);
  if (!isHash(own(entry, 'prev_hash'))) fail(`entry ${place} has no hash before it`);
  const { prev_hash: before, this_hash: stated, ...rest } = entry;
  const expected = createHmac('sha256', key)
    .update(Buffer.from(before, 'hex'))
    .update(canonical(rest))
    .digest('hex');
  if (stated !== expected)
    fail(
      `the hash of entry ${own(entry, 'seq') ?? place} is not the one that the audit key gives: it was altered`,
    );
}

function isInScope({ accounts, notBefore, notAfter }, { accountId, startedAt }) {
  const at = momentOf(startedAt);
  const isLater = notBefore === -Infinity || at >= notBefore;
  const isEarlier = notAfter === Infinity || at <= notAfter;
  return (accounts.length === 0 || accounts.includes(accountId)) && isLater && isEarlier;
}

const BOUND = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
/** The years 0000 to 9999. */
const [FIRST_MS, LAST_MS] = [-62167219200000, 253402300799999];

/** A bound of a key in milliseconds: a time with seconds and an offset, in whole milliseconds. NaN for anything else. */
function boundOf(text) {
  const [, whole, fraction = '', sign = '+', hours = '00', minutes = '00'] = BOUND.exec(text) ?? [];
  const isOffset = hours <= '23' && minutes <= '59' && `${sign}${hours}${minutes}` !== '-0000';
  if (!isTime(`${whole}.000Z`) || /^\d{3}\d*[1-9]/.test(fraction) || !isOffset) return Number.NaN;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const at = Date.parse(`${whole}Z`) + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset;
  return at >= FIRST_MS && at <= LAST_MS ? at : Number.NaN;
}

/** Audit keys as the operator's setting has them: `id:hex`, then `;account=`, `;not_before=`, `;not_after=`. */
function parseAuditKeys(text, path) {
  const refuse = () => {
    throw new Refused(1, `${path} holds no audit keys: each is id:hex of 64 or more digits, then ;account=…`);
  };
  const keys = new Map();
  for (const item of text.split(/[,\n]/).map((each) => each.trim())) {
    if (item === '') continue;
    const [first, ...limits] = item.split(';').map((each) => each.trim());
    const colon = first.indexOf(':');
    const [id, digits] = [first.slice(0, colon), first.slice(colon + 1)];
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(id) || !/^[0-9a-fA-F]+$/.test(digits)) refuse();
    if (digits.length < 64 || digits.length % 2 !== 0) refuse();
    const key = { bytes: Buffer.from(digits, 'hex'), accounts: [], notBefore: -Infinity, notAfter: Infinity };
    const names = new Set();
    for (const limit of limits) {
      const at = limit.indexOf('=');
      const [name, value] = [limit.slice(0, at), limit.slice(at + 1)];
      if (names.has(name) && name !== 'account') refuse();
      names.add(name);
      if (name === 'account' && isId('acc')(value)) key.accounts.push(value);
      else if (name === 'not_before' && isNumberAtAll(boundOf(value))) key.notBefore = boundOf(value);
      else if (name === 'not_after' && isNumberAtAll(boundOf(value))) key.notAfter = boundOf(value);
      else refuse();
    }
    if (key.notBefore > key.notAfter) refuse();
    for (const [other, known] of keys) {
      if (other === id && macOf(known) !== macOf(key)) refuse();
      // One value under two ids: the wider scope would undo the narrower.
      if (macOf(known) === macOf(key) && scopeOf(known) !== scopeOf(key)) refuse();
    }
    keys.set(id, key);
  }
  if (keys.size === 0) refuse();
  return keys;
}

const isNumberAtAll = (value) => !Number.isNaN(value);
/** The same for two spellings of one key: HMAC fills it up with zeros, and hashes a long one. */
const macOf = ({ bytes }) => createHmac('sha256', bytes).digest('hex');
const scopeOf = ({ accounts, notBefore, notAfter }) =>
  [...new Set(accounts)].sort().concat(`${notBefore}`, `${notAfter}`).join();

// ---- Proofs of one event, or of a stretch of events

const PROOF_MEMBERS = {
  hashes: isTexts,
  session_closed: isText,
  session_proof: isText,
  size: Number.isSafeInteger,
  v: (value) => value === 1,
};
const EVENT_MEMBERS = { ...PROOF_MEMBERS, entry: isText, index: Number.isSafeInteger };
const RANGE_MEMBERS = {
  ...PROOF_MEMBERS,
  entries: isTexts,
  from: Number.isSafeInteger,
  to: Number.isSafeInteger,
};

const LOG_FAILED = { verdict: NOT_CHECKED, detail: "the session's entry in the account's log failed" };

/** The eight verdicts on a proof. */
function checkProof({ bytes }, options) {
  let proof = null;
  const opened = judge(() => {
    const envelope = parseFile(bytes, 'the proof');
    const isEvent = hasExactly(envelope, { event_proof: (inner) => hasExactly(inner, EVENT_MEMBERS) });
    const isRange = hasExactly(envelope, { range_proof: (inner) => hasExactly(inner, RANGE_MEMBERS) });
    if (!isEvent && !isRange) fail('the file has not the members of a proof');
    proof = isEvent ? { ...envelope.event_proof, isEvent } : { ...envelope.range_proof, isEvent };
    return 'it is canonical JSON';
  });
  if (proof === null) return { verdicts: nothingElse(opened) };
  const { session_closed: text, isEvent } = proof;
  const found = { checkpoints: [] };
  const log = judge(() => checkProofInLog(proof, options, found));
  const closed = tried(() => parseClosed(text, 'it'));
  const check = isEvent ? checkEvent : checkStretch;
  // Without the session's entry, which the axis `log` finds wrong, there is nothing to compare with.
  const entries = closed === null ? LOG_FAILED : judge(() => check(proof, closed));
  const subject = { accountId: closed?.account_id, startedAt: closed?.started_at };
  const verdicts = {
    bytes: opened,
    statement: judge(() => leave('a proof has no statement: it is not a report')),
    entries,
    completeness: closed === null ? LOG_FAILED : judge(() => checkWholeStretch(proof, closed, entries)),
    log,
    witnesses: judge(() => checkWitnesses(options, log, found.checkpoints)),
    pages: judge(() => leave('a proof has no pages')),
    macs: closed === null ? LOG_FAILED : judge(() => checkProofMacs(proof, closed, subject, options)),
  };
  return { verdicts: withoutGreen(verdicts, options), checkpoints: found.checkpoints };
}

function checkProofMacs(proof, closed, subject, options) {
  return checkMacs(proof.isEvent ? [proof.entry] : proof.entries, closed.key_id, closed, subject, options);
}

function checkProofInLog({ session_closed: text, session_proof: proofText }, options, found) {
  parseClosed(text, 'the entry of the log');
  const proof = parseTlogProof(proofText, "the session's proof");
  if (proof.entry !== text) fail("the session's proof is of another entry");
  const checkpoint = parseCheckpoint(proof.checkpoint, 'the checkpoint');
  checkInclusion({ ...proof, checkpoint }, text, "the session's proof");
  const key = checkSigned(checkpoint, options, 'the checkpoint');
  found.checkpoints.push(checkpoint);
  return `the session is entry ${proof.index} of ${checkpoint.size} of the account's log, signed by ${describeKeys([key])}`;
}

function checkEvent({ entry, index, size, hashes: list }, closed) {
  if (size !== closed.size) fail(`the proof is of ${size} entries, the session has ${closed.size}`);
  const hashes = hashesOf(list, 'the proof');
  const root = rootFromInclusion(index, size, hashLeaf(entry), hashes);
  if (hex(root) !== closed.merkle_root_hex) fail('the proof does not lead to the root of the session');
  checkPlace([entry], index, closed);
  return `entry ${index} of the ${size} of ${closed.session_id}`;
}

function checkStretch({ entries: texts, from, to, size, hashes: list }, closed) {
  if (size !== closed.size) fail(`the proof is of ${size} entries, the session has ${closed.size}`);
  if (!isWhole(to) || to > size) fail(`there are no entries from ${from} to ${to} among ${size}`);
  if (from >= to && size > 0) fail('the proof is of no entry');
  if (texts.length !== to - from) fail(`the proof is of ${to - from} entries, and holds ${texts.length}`);
  const hashes = hashesOf(list, 'the proof');
  const indexes = texts.map((_, i) => from + i);
  const root = rootFromLeaves(indexes, texts.map(hashLeaf), size, hashes);
  if (hex(root) !== closed.merkle_root_hex) fail('the proof does not lead to the root of the session');
  checkPlace(texts, from, closed);
  return `entries ${from} to ${to - 1} of the ${size} of ${closed.session_id}, none between is left out`;
}

/** Entries from `from` on are a chain of the session. Its first entry follows none, and its last is the logged one. */
function checkPlace(texts, from, { session_id: sessionId, agent_id: agentId, size, head_hash: headHash }) {
  const entries = checkChain(texts, { from, before: from === 0 ? ZEROS : null, sessionId, agentId });
  const head = entries.at(-1)?.this_hash ?? ZEROS;
  if (from + texts.length === size && head !== headHash) fail("the last entry is not the session's last one");
}

function checkWholeStretch({ isEvent, from, to, size }, closed, entries) {
  if (isEvent) return leave('one entry says nothing of the others');
  if (entries.verdict === FAILED) return leave('the entries failed');
  if (from !== 0 || to !== size) leave('it is a stretch, not all of the session');
  return checkClosed(closed);
}

// ---- Two reports

/** The longest that a report may take from reading its log to the time that it states. Within it, no order is known. */
const ORDER_MS = 3_600_000;

/** What the second report says of the first: `found` are the results of `checkReport` on both. */
function compareReports(found) {
  return judge(() => {
    const [first, second] = found;
    if (!found.every(({ verdicts }) => isProved(verdicts.statement) || isProved(verdicts.log))) {
      return leave('nothing follows where not both are signed by the key that you gave');
    }
    compareCheckpoints(first, second);
    const [a, b] = found.map(({ parts }) => parts);
    if ([a, b].some(({ scope }) => scope !== 'session')) return leave('they are not both on one session');
    const contradict = (why) =>
      fail(
        `these cannot both be true: ${why}. Both are signed:\n${signedText(first)}and\n${signedText(second)}`,
      );
    const claims = found.map(claimOf);
    compareLogSizes(claims, contradict);
    if (a.report.session_id !== b.report.session_id) return leave('they are on two sessions');
    return compareClaims(claims, contradict);
  });
}

/** What a signed report says of its session and the session's log. Null for what nothing signed says. */
function claimOf({ verdicts, parts }) {
  const { report, entries } = parts;
  const { audit_log: log, session } = report;
  const isStated = isProved(verdicts.statement);
  const closed = isProved(verdicts.log) ? closedOf(parts) : null;
  return {
    at: isStated ? momentOf(report.generated_at) : Number.NaN,
    logSize: isStated && closed !== null ? (own(report.evidence, 'log_size') ?? null) : null,
    fixed: {
      account: report.account.id,
      agent: report.agent.id,
      start: session.started_at,
      'audit key': log.key_id,
    },
    sealed: { end: session.ended_at, status: session.status, policy: report.policy.sha256 },
    size: log.event_count,
    root: report.merkle_root_hex,
    isEnded: session.ended_at !== null,
    // By the report's word, too: the axis `log` fails where it says sealed and no seal was logged.
    isSealed: log.state === 'sealed' || (closed?.seal ?? null) !== null,
    figures: {
      'last hash': log.end_hash,
      // No entry of the account's log is over the counts.
      ...(isStated || isProved(verdicts.entries) ? countsIn(report) : {}),
    },
    entries: isProved(verdicts.entries) ? entries : null,
  };
}

/** The counts of redactions, as texts. */
const countsIn = ({ redaction_count: count, redactions_by_kind: kinds, redactions_by_pass: passes }) => ({
  'number of redactions': canonical(count),
  'redactions by kind': canonical(kinds),
  'redactions by pass': canonical(passes),
});

/** The figures that these entries give, as a claim has them. */
function figuresOf(texts) {
  const entries = texts.map((text) => JSON.parse(text));
  const redactions = entries.filter(({ kind }) => kind === 'redaction');
  const tally = (name) => {
    const counts = new Map();
    for (const each of redactions) counts.set(each[name], (counts.get(each[name]) ?? 0) + 1);
    return Object.fromEntries(counts);
  };
  const counts = {
    redaction_count: redactions.length,
    redactions_by_kind: tally('entity_kind'),
    redactions_by_pass: tally('pass'),
  };
  return { 'last hash': entries.at(-1)?.this_hash ?? ZEROS, ...countsIn(counts) };
}

/** The orders in time in which two claims may have been made, each the earlier one first. */
function ordersOf([a, b]) {
  if (b.at - a.at > ORDER_MS) return [[a, b]];
  if (a.at - b.at > ORDER_MS) return [[b, a]];
  return [
    [a, b],
    [b, a],
  ];
}

/** The account's log only grows, whichever sessions the reports are on. */
function compareLogSizes(claims, contradict) {
  const [[earlier, later], ...others] = ordersOf(claims);
  if (others.length > 0 || earlier.logSize === null || later.logSize === null) return;
  if (later.logSize < earlier.logSize)
    contradict(`the account's log had ${earlier.logSize} entries, and ${later.logSize} later`);
}

/** The name of a member that both have, with two values. */
const differing = (one, other) =>
  Object.keys(one).find((name) => Object.hasOwn(other, name) && one[name] !== other[name]);

function compareClaims([a, b], contradict) {
  const fixed = differing(a.fixed, b.fixed);
  if (fixed !== undefined) contradict(`one session has two values of its ${fixed}`);
  const [smaller, larger] = a.size <= b.size ? [a, b] : [b, a];
  const { size } = smaller;
  if (size === larger.size && smaller.root !== larger.root)
    contradict(`one log of ${size} entries has two roots`);
  if (smaller.isSealed && size < larger.size)
    contradict(`the log was sealed with ${size} entries, and has more`);
  const reasons = ordersOf([a, b]).map(([earlier, later]) => whyNot(earlier, later));
  if (!reasons.includes(null)) contradict(reasons.join('; or, the other way round, '));
  if (size === larger.size) return compareEqual(a, b, contradict);
  compareEntries(smaller, larger, contradict);
  const [longer, other] = larger === b ? ['second', 'first'] : ['first', 'second'];
  return `the ${longer} extends the ${other} by ${larger.size - size} entries`;
}

function compareEqual(a, b, contradict) {
  const figure = differing(a.figures, b.figures);
  if (figure !== undefined) contradict(`the same ${a.size} entries have two values of the ${figure}`);
  const sealed = a.isSealed && b.isSealed ? differing(a.sealed, b.sealed) : undefined;
  if (sealed !== undefined) contradict(`one sealed log has two values of its ${sealed}`);
  return `the same log, ${a.size} entries`;
}

function compareEntries({ size, root, figures }, { entries }, contradict) {
  if (entries === null)
    leave('the entries of the larger report are not there, or failed: the smaller root cannot be made again');
  const texts = entries.slice(0, size);
  if (hex(rootOf(texts)) !== root)
    contradict(`the first ${size} entries of the larger log do not give the root of the smaller`);
  const figure = differing(figures, figuresOf(texts));
  if (figure !== undefined)
    contradict(`the first ${size} entries of the larger log do not give the ${figure} of the smaller`);
}

/** Why a later report cannot be true beside an earlier one; null where it can. A log only grows, until it is sealed. */
function whyNot(earlier, later) {
  if (later.size < earlier.size) return `the log had ${earlier.size} entries, and ${later.size} later`;
  if (earlier.isEnded && !later.isEnded) return 'the session had ended, and is open later';
  if (earlier.isSealed && !later.isSealed) return 'the log was sealed, and is not later';
  return null;
}

/** A log that signs two roots of one size has shown two histories. */
function compareCheckpoints(first, second) {
  for (const a of first.checkpoints) {
    for (const b of second.checkpoints) {
      if (a.origin !== b.origin || a.size !== b.size || a.root.equals(b.root)) continue;
      fail(
        `these cannot both be true: the account's log of ${a.size} entries has two roots, both signed:\n${a.note.text}and\n${b.note.text}`,
      );
    }
  }
}

/** The text that the key signed: the statement, or the checkpoint with the entry under it. */
function signedText({ verdicts, parts, checkpoints }) {
  if (isProved(verdicts.statement))
    return parseNote(textOf(parts.note, 'the statement'), 'the statement').text;
  return `${checkpoints[0].note.text}${canonical(closedOf(parts))}\n`;
}

// ---- The command

const VALUES = ['--key', '--witness', '--audit-key-file', '--require'];
const FLAGS = ['--json', '--self-test', '--help'];

function parseArguments(args) {
  const usage = (message) => {
    throw new Refused(64, `${message}\n\n${HELP}`);
  };
  const given = {
    paths: [],
    flags: new Set(),
    values: { '--key': [], '--witness': [], '--audit-key-file': [], '--require': [] },
  };
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i];
    if (FLAGS.includes(arg)) given.flags.add(arg);
    else if (VALUES.includes(arg)) {
      i += 1;
      if (args[i] === undefined) usage(`${arg} needs a value.`);
      given.values[arg].push(args[i]);
    } else if (arg.startsWith('-')) usage(`${shown(arg)} is no option.`);
    else given.paths.push(arg);
  }
  if (given.flags.has('--help')) return given;
  if (given.paths.length === 0) usage('Name a file.');
  if (given.paths.length > 2) usage('Name one file, or two.');
  const keysOf = (option, kind) =>
    given.values[option].map((text) => {
      const key = parseKey(text);
      if (key?.kind !== kind)
        usage(
          `${shown(text)} is no key for ${option}: it is <name>+<key id>+<base64>, as its owner gave it to you.`,
        );
      return key;
    });
  const keys = keysOf('--key', ED25519);
  if (keys.some(({ name }) => name !== keys[0].name))
    usage('The keys (--key) are of two names: a report is of one log.');
  const required = given.values['--require'].flatMap((list) => list.split(','));
  for (const axis of required) {
    if (![...AXES, 'relation'].includes(axis)) usage(`${shown(axis)} is no axis: ${AXES.join(', ')}.`);
  }
  return { ...given, keys, witnesses: keysOf('--witness', COSIGNATURE), required };
}

/** A text of others, for a terminal. */
function shown(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) => `\\u{${each.codePointAt(0).toString(16)}}`);
}

function readBytes(path) {
  try {
    if (statSync(path).size > SIZE_LIMIT)
      throw new Refused(1, `${shown(path)} is larger than ${SIZE_LIMIT} bytes`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(1, `${shown(path)} cannot be read (${error.code ?? 'unknown error'})`);
  }
}

/** Sorts one or two files into what is to be checked. */
function arrange(files) {
  const kinds = files.map(({ kind }) => kind);
  const [first, second] = files;
  if (files.length === 1) return { reports: [{ ...first, note: null }] };
  const note = kinds.indexOf('note');
  const isReport = (kind) => ['pdf', 'pack', 'report'].includes(kind);
  if (note >= 0 && kinds[1 - note] === 'report')
    return { reports: [{ ...files[1 - note], note: files[note].bytes }] };
  if (kinds.every(isReport)) return { reports: [first, second].map((file) => ({ ...file, note: null })) };
  throw new Refused(64, `Two files are a report's JSON and its statement, or two reports.\n\n${HELP}`);
}

/** The verdicts on one file, or on a report's JSON and its statement. */
function checkFile(file, options) {
  if (file.kind === 'proof') return checkProof(file, options);
  if (file.kind !== 'note') return checkReport(file, options);
  const rest = { verdict: NOT_CHECKED, detail: "it is a statement alone: name the report's JSON too" };
  const statement = judge(() => checkStatementAlone(file, options));
  return { verdicts: { ...Object.fromEntries(AXES.map((axis) => [axis, rest])), statement } };
}

/** Checks the files. Gives the verdicts of each, the relation of two, and the exit code. */
function verifyFiles(files, options) {
  const { reports } = arrange(files);
  const found = reports.map((each) => checkFile(each, options));
  const relation = reports.length === 2 ? compareReports(found) : null;
  return {
    reports: found.map(({ verdicts }) => verdicts),
    relation,
    exit: exitOf(found, relation, options.required),
  };
}

function exitOf(found, relation, required) {
  const all = [
    ...found.flatMap(({ verdicts }) => Object.values(verdicts)),
    ...(relation === null ? [] : [relation]),
  ];
  if (all.some(({ verdict }) => verdict === FAILED)) return 2;
  const proves = ({ verdicts }) => ['statement', 'entries', 'log'].some((axis) => isProved(verdicts[axis]));
  if (!found.every(proves)) return 1;
  const isThere = (axis) =>
    axis === 'relation'
      ? relation !== null && isProved(relation)
      : found.every(({ verdicts }) => isProved(verdicts[axis]));
  return required.every(isThere) ? 0 : 1;
}

/** Runs the command: prints its lines by `say`, and errors by `complain`. Gives the exit code. */
export function main(args, say = console.log, complain = console.error) {
  try {
    const given = parseArguments(args);
    if (given.flags.has('--help')) {
      say(HELP);
      return 0;
    }
    const [auditKeyFile] = given.values['--audit-key-file'].slice(-1);
    const auditKeys =
      auditKeyFile === undefined
        ? null
        : parseAuditKeys(readBytes(auditKeyFile).toString('utf8'), shown(auditKeyFile));
    const files = given.paths.map((path) => {
      const bytes = readBytes(path);
      return { path, bytes, kind: kindOf(bytes, shown(path)) };
    });
    const options = { keys: given.keys, witnesses: given.witnesses, auditKeys, required: given.required };
    if (given.flags.has('--self-test')) return selfTest(files, options, say);
    const result = verifyFiles(files, options);
    print(result, given.flags.has('--json'), say);
    return result.exit;
  } catch (error) {
    complain(error instanceof Refused ? error.message : `The file could not be checked: ${error.message}`);
    return error instanceof Refused ? error.exit : 1;
  }
}

function print({ reports, relation }, asJson, say) {
  const line = (axis, { verdict, detail }, file) => {
    if (asJson) say(JSON.stringify({ axis, verdict, detail, ...(file === undefined ? {} : { file }) }));
    else
      say(
        `${file === undefined ? '' : `file ${file}, `}${axis}: ${verdict}, ${detail.split('\n').map(shown).join('\n  ')}`,
      );
  };
  for (const [i, verdicts] of reports.entries()) {
    for (const axis of AXES) line(axis, verdicts[axis], reports.length === 2 ? i + 1 : undefined);
  }
  if (relation !== null) line('relation', relation);
}

// ---- Self-test

/** Changes one bit in each part, and says whether the file still passes. It must not. */
function selfTest(files, options, say) {
  let missed = 0;
  if (verifyFiles(files, options).exit !== 0) {
    say(
      'Note: nothing in the file is verified as it is, with these keys, so that changes to it prove little.',
    );
  }
  for (const [name, changed] of changesOf(files)) {
    const { reports, exit } = verifyFiles(changed, options);
    const failed = AXES.filter((axis) => reports.some((verdicts) => verdicts[axis].verdict === FAILED));
    if (exit === 0) missed += 1;
    const by = failed.length > 0 ? `by ${failed.join(', ')}` : 'nothing is verified any more';
    say(`${name}: ${exit === 0 ? 'NOT CAUGHT' : `caught, ${by}`}`);
  }
  say(missed === 0 ? 'Every change was caught.' : `Changes that were not caught: ${missed}.`);
  return missed === 0 ? 0 : 2;
}

/** The bytes with one bit changed. */
function flip(bytes, at) {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1;
  return copy;
}

/** Every change: its name, and the files with it. */
function* changesOf(files) {
  for (const [i, file] of files.entries()) {
    for (const [name, change] of changesOfFile(file, files.length === 2)) {
      yield [files.length === 2 ? `file ${i + 1}, ${name}` : name, files.with(i, { ...file, ...change })];
    }
  }
}

function* changesOfFile({ kind, bytes }, hasOther) {
  yield ['a byte more at its end', { bytes: Buffer.concat([bytes, Buffer.of(0x20)]) }];
  yield ['a bit of its last byte', { bytes: flip(bytes, bytes.length - 1) }];
  if (kind === 'pdf' || kind === 'pack') yield* changesOfContainer(kind, bytes);
  if (kind === 'proof' || kind === 'report') {
    // Names and other words in a report are covered by its statement alone.
    for (const [name, json] of changesOfJson(bytes)) yield [name, { bytes: json }];
    if (kind === 'report' && hasOther)
      yield ['a bit in its middle', { bytes: flip(bytes, bytes.length >> 1) }];
  }
  if (kind === 'note')
    for (const [name, text] of changesOfNote(bytes.toString())) yield [name, { bytes: Buffer.from(text) }];
}

/** Changes to each file within, past the checks of the container, and to the container itself. */
function* changesOfContainer(kind, bytes) {
  const files = tried(() => (kind === 'pdf' ? filesInPdf(bytes) : filesInZip(bytes)));
  if (files === null) return;
  yield ['a bit of its first byte', { bytes: flip(bytes, 0) }];
  yield ['a bit of the table at its end', { bytes: flip(bytes, bytes.length - 10) }];
  for (const [name, content] of files) {
    const packed = bytes.indexOf(name);
    yield [`a bit of the name ${name}`, { bytes: flip(bytes, packed) }];
    // A pack carries the verifiers for convenience: nothing is proved by them. The pages of a PDF are not checked.
    if (/^(?:verify|VERIFY)\.|pdf$/.test(name) || content.length === 0) continue;
    // Without a statement, nothing but the log's entry speaks for the words of the report.
    const isCovered = files.has('report.note') || !/^masker-|^report\.json$/.test(name);
    const put = (changed) => ({ files: new Map(files).set(name, changed) });
    for (const part of isCovered ? [1, 2, 3] : []) {
      yield [
        `${name}: a bit, ${part} quarters in`,
        put(flip(content, Math.floor((content.length * part) / 4))),
      ];
    }
    if (name === 'report.note') {
      for (const [what, text] of changesOfNote(content.toString()))
        yield [`${name}: ${what}`, put(Buffer.from(text))];
    }
    if (name.endsWith('.json')) {
      for (const [what, json] of changesOfJson(content)) yield [`${name}: ${what}`, put(json)];
    }
    if (name.endsWith('.ndjson')) {
      const lines = content.toString().trimEnd().split('\n');
      for (const i of lines.keys())
        yield [
          `${name}: line ${i + 1} left out`,
          put(
            Buffer.from(
              lines
                .toSpliced(i, 1)
                .map((line) => `${line}\n`)
                .join(''),
            ),
          ),
        ];
    }
  }
}

/** Changes to each line of a note's text, and to its first signature, which is the signer's own. */
function* changesOfNote(note) {
  const lines = note.split('\n');
  const signature = lines.indexOf('') + 1;
  for (let i = 0; i <= signature; i += 1) {
    if (lines[i] === '' || lines[i] === undefined) continue;
    yield [`a bit of line ${i + 1}`, lines.with(i, flipText(lines[i], lines[i].length - 6)).join('\n')];
  }
}

/** Another letter in place of one, of the same alphabet. */
function flipText(text, at) {
  const place = Math.max(at, 0);
  const letter = text[place];
  const digits = '0123456789abcdef';
  const other = digits.includes(letter) ? digits[digits.indexOf(letter) ^ 1] : letter === 'A' ? 'B' : 'A';
  return `${text.slice(0, place)}${other}${text.slice(place + 1)}`;
}

const EVIDENCE_NAMES = ['checkpoint', 'inclusion', 'log_index', 'log_size', 'origin', 'session_closed'];

/** Changes to the members that prove something, the JSON made canonical again. */
function* changesOfJson(bytes) {
  const whole = tried(() => parseCanonical(textOf(bytes, 'it'), 'it'));
  const [holder] = ['event_proof', 'range_proof', 'multiproof', 'report'].filter(
    (name) => own(whole, name) !== undefined,
  );
  const top = holder === undefined ? whole : whole[holder];
  const put = (object, name, value) => {
    const before = object[name];
    object[name] = value;
    const changed = Buffer.from(canonical(whole));
    object[name] = before;
    return changed;
  };
  const visit = function* (object, names, what) {
    for (const name of names) {
      const value = own(object, name) ?? (Array.isArray(object) ? object[name] : undefined);
      const place = `${what}${name}`;
      if (isText(value) && /note|checkpoint|proof/.test(name)) {
        for (const [line, text] of changesOfNote(value)) yield [`${place}, ${line}`, put(object, name, text)];
      } else if (isText(value))
        yield [`a bit of ${place}`, put(object, name, flipText(value, value.length >> 1))];
      else if (isNumber(value)) yield [`${place} one more`, put(object, name, value + 1)];
      else if (Array.isArray(value)) {
        yield* visit(value, [...value.keys()], `${place} `);
        if (value.length > 0) yield [`${place}, the last left out`, put(object, name, value.slice(0, -1))];
      }
    }
  };
  if (holder !== 'report') {
    yield* visit(top, Object.keys(top ?? {}), '');
    return;
  }
  yield* visit(top, ['merkle_root_hex'], '');
  const evidence = own(top, 'evidence');
  yield* visit(
    evidence,
    EVIDENCE_NAMES.filter((name) => own(evidence, name) !== undefined),
    'evidence.',
  );
}

/** Whether this file is the program that was started, and not a module of another. */
function isStarted() {
  const [, started] = process.argv;
  return (
    started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(import.meta.url)
  );
}

if (isStarted()) process.exitCode = main(process.argv.slice(2));
