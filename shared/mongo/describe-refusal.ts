// Why a connection to MongoDB could not be made, as a sentence with its remedy and nothing of the URI.
import { MongoCompatibilityError, MongoServerError, type TopologyDescription } from 'mongodb';

/** What was seen of the servers while the client tried. */
export type SeenServers = Readonly<{
  topology: TopologyDescription | null;
  /** The replica set that the URI names; null for none. */
  expectedSet: string | null;
  /** The replica sets that servers said they are members of; null from one that is a member of none. */
  sets: ReadonlySet<string | null>;
}>;

export function describeRefusal(cause: unknown, seen: SeenServers): string {
  const errors = [cause, ...errorsOf(seen.topology)].flatMap(chainOf);
  for (const error of errors) {
    const told = describeError(error);
    if (told !== null) return told;
  }
  const { expectedSet, sets, topology } = seen;
  if (expectedSet !== null && sets.size > 0 && !sets.has(expectedSet)) return otherSet([...sets]);
  const known = [...(topology?.servers.values() ?? [])].filter(({ type }) => type !== 'Unknown');
  if (topology?.type === 'ReplicaSetNoPrimary' && known.length > 0) return NO_PRIMARY;
  return SILENT;
}

/** The errors that servers gave last. */
function errorsOf(topology: TopologyDescription | null): unknown[] {
  return [...(topology?.servers.values() ?? [])].flatMap(({ error }) => error ?? []);
}

/** An error and what caused it. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}

function describeError(error: unknown): string | null {
  if (error instanceof MongoServerError) return BY_SERVER_CODE.get(Number(error.code)) ?? null;
  if (error instanceof MongoCompatibilityError) return TOO_OLD;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return null;
  if (CERTIFICATE_CODES.test(code)) return certificate(code);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return NO_TLS;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') return UNKNOWN_NAME;
  return syscall === 'open' || syscall === 'read' ? unreadableFile(code) : null;
}

/** OpenSSL's and Node's names of what is wrong with a certificate. */
const CERTIFICATE_CODES =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$|ERR_TLS_CERT_)/;

const AUTHENTICATION =
  'MongoDB refuses the login in MONGODB_URI: see user and password (percent-encode what is special in them), and whether authSource names the database that the user was made in.';

const BY_SERVER_CODE: ReadonlyMap<number, string> = new Map([
  [18, AUTHENTICATION],
  // Atlas puts every failed login under this one.
  [8000, AUTHENTICATION],
  [
    13,
    'The login in MONGODB_URI has no right to read the database: grant its user readWrite on the database that MONGODB_DB or the URI names (read, for commands that only read).',
  ],
  // ReadConcernMajorityNotEnabled, from a member that was started so.
  [
    148,
    'MongoDB has majority reads turned off, without which an election can take evidence back: start its members without enableMajorityReadConcern: false.',
  ],
]);

function certificate(code: string): string {
  return `MongoDB's certificate is not accepted (${code}): name by tlsCAFile in MONGODB_URI the authority that signed it, name the host as the certificate does, and see that it has not expired.`;
}

const NO_TLS =
  'MongoDB does not take the TLS connection: remove tls=true from MONGODB_URI if the server has no TLS, and name a client certificate by tlsCertificateKeyFile if it wants one.';
const UNKNOWN_NAME =
  'The host in MONGODB_URI has no address: see how it is written, and whether the DNS of this machine knows it.';
const NO_PRIMARY =
  'The replica set has no primary that can be reached: wait for its election, and see that a majority of its members runs and that each of their addresses can be reached from here.';
const TOO_OLD =
  'The server speaks a version of the protocol that is not supported: use MongoDB 5.0 or newer.';
const SILENT =
  'MongoDB does not answer: see that its server runs, that host and port in MONGODB_URI are right and can be reached from here, and whether the server wants TLS (tls=true).';

function unreadableFile(code: string): string {
  return `A file that MONGODB_URI names (tlsCAFile, tlsCertificateKeyFile) cannot be read (${code}): see its path and who may read it.`;
}

function otherSet(sets: readonly (string | null)[]): string {
  const [name] = sets.filter((each) => each !== null);
  return name === undefined
    ? 'The server is a member of no replica set, and MONGODB_URI names one: remove replicaSet, or start the server as a member.'
    : `The server is a member of the replica set "${name}", and MONGODB_URI names another: write replicaSet=${name}.`;
}
