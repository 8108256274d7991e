// What a connection string says, where the driver keeps no difference between what it says and what it leaves out.

/** Names of the options in a connection string, in lower case: the driver takes them in any. */
export function optionsOf(uri: string): ReadonlySet<string> {
  const query = uri.slice(uri.indexOf('?') + 1);
  if (!uri.includes('?')) return new Set();
  return new Set([...new URLSearchParams(query).keys()].map((name) => name.toLowerCase()));
}

/** Databases of the server's own: in a path they say where the user is kept. */
const OF_SERVER = new Set(['admin', 'local', 'config']);

/** The database in a connection string's path, which is no database of the server's own; null where it names none. */
export function databaseOf(uri: string): string | null {
  const [, path = ''] = /^mongodb(?:\+srv)?:\/\/[^/?]*\/([^?]*)/.exec(uri) ?? [];
  const name = decode(path);
  return name === '' || OF_SERVER.has(name) ? null : name;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
