// What programs that the set-up runs get of this environment. They have no use for our keys, and whoever may read
// /proc/PID/environ of one would have them. Plain JavaScript without packages: it runs before there are packages.

/** What a program needs to run at all: a place for its files, its language, its time zone, a Java. */
const NEEDED = new Set([
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'LD_LIBRARY_PATH'],
  ...['JAVA_HOME', 'JAVA_TOOL_OPTIONS'],
]);

/** Our settings that hold a secret, or name the file of one. */
const SECRET =
  /^(AUDIT_KEYS|CURSOR_KEY|SIGNING_KEY|PREVIOUS_SIGNING_KEY|RETIRED_KEYS|MONGODB_URI|REDIS_URL|OIDC_CLIENT_SECRET|TEST_MONGODB_URI|MASKER_TOKEN)(_FILE)?$/;

/** The environment of a service: a few variables, and nothing of ours. */
export function serviceEnv(env) {
  return pick(env, (name) => NEEDED.has(name));
}

/**
 * The environment of a tool that fetches something, such as npm, Maven or apt-get: what this process was given but for
 * our secrets. Proxies, certificates and mirrors have names that we cannot list.
 */
export function toolEnv(env) {
  return pick(env, (name) => !SECRET.test(name));
}

function pick(env, isWanted) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isWanted(name)));
}
