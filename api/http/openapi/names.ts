// The names that the document has for a route: its operation id and its tag.

/** Segments of a path below the base, params in braces. */
function segmentsOf(path: string): string[] {
  return path
    .replace(/^\/api\/v1/, '')
    .split('/')
    .filter((segment) => segment !== '');
}

/** `get /api/v1/sessions/{session_id}/report` is `getSessionReport`. */
export function operationIdOf(method: string, path: string): string {
  const segments = segmentsOf(path);
  const words = segments.flatMap((segment, i) => {
    if (segment.startsWith('{')) return [];
    const isOne = segments[i + 1]?.startsWith('{') && !segments[i + 1]?.includes('+');
    return segment.split(/[^A-Za-z0-9]+/).map((word) => capital(isOne ? singular(word) : word));
  });
  return method + words.join('');
}

/** Of a word, or of words that end in one. */
export function singular(word: string): string {
  return word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const TAGS = {
  sessions: { name: 'Sessions', description: 'Call sessions, their redactions, reports and proofs.' },
  agents: { name: 'Agents', description: 'Voice agents with their statistics, sessions and reports.' },
  policies: { name: 'Policies', description: 'Masking policies, by name and version.' },
  reports: {
    name: 'Reports',
    description: 'Compliance reports over many sessions, and the ledger of all reports.',
  },
  log: { name: 'Account log', description: 'The append-only log of the account, as C2SP tlog-tiles says.' },
  stats: { name: 'Statistics', description: 'Counts over the sessions of the account.' },
  tokens: { name: 'Tokens', description: 'Bearer tokens of programs.' },
  webhooks: { name: 'Webhooks', description: 'Calls that the service makes when something happens.' },
  'access-log': { name: 'Access record', description: 'Who looked at what, and who changed what.' },
  me: { name: 'Login', description: 'Who is calling, and how a login ends.' },
  auth: { name: 'Login', description: 'Who is calling, and how a login ends.' },
  health: { name: 'Operation', description: 'What operators and probes ask the service.' },
  metrics: { name: 'Operation', description: 'What operators and probes ask the service.' },
  'openapi.json': { name: 'Operation', description: 'What operators and probes ask the service.' },
} as const satisfies Record<string, Tag>;

export type Tag = Readonly<{ name: string; description: string }>;

/** By the first segment of the path. */
export function tagOf(path: string): Tag {
  const [first = ''] = segmentsOf(path);
  const known = (TAGS as Readonly<Record<string, Tag>>)[first];
  return known ?? { name: capital(first.replaceAll('-', ' ')), description: `Routes under /${first}.` };
}
