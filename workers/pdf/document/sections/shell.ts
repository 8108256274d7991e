// The checks by hand, as bash. They need coreutils, sed, openssl and jq alone. They follow the audit log's format step
// by step, to be read rather than to be fast.

const RAW = String.raw;

/** Prints the RFC 6962 root over the lines of `entries.ndjson`, which must have one at least. */
export const ROOT = [
  RAW`raw() { printf "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }`,
  RAW`leaf() { { raw 00; printf '%s' "$1"; } | sha256sum | cut -c 1-64; }`,
  RAW`node() { raw "01$1$2" | sha256sum | cut -c 1-64; }`,
  'root() {',
  '  local k=1',
  '  if [ $# -eq 1 ]; then echo "$1"; return; fi',
  '  while [ $((k * 2)) -lt $# ]; do k=$((k * 2)); done',
  RAW`  node "$(root "${'$'}{@:1:k}")" "$(root "${'$'}{@:k+1}")"`,
  '}',
  'leaves=()',
  'while IFS= read -r entry; do leaves+=("$(leaf "$entry")"); done < entries.ndjson',
  RAW`root "${'$'}{leaves[@]}"`,
];

/** Follows the chain over `entries.ndjson`, stops at the first entry that does not fit, prints the hash reached. */
export const CHAIN = [
  "read -r -s -p 'Audit key: ' key",
  'hmac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" | sed \'s/.* //\'; }',
  RAW`raw() { printf "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }`,
  "hash=$(printf '0%.0s' {1..64})",
  'while IFS= read -r entry; do',
  '  text=$(printf \'%s\' "$entry" | sed -E \'s/"(prev|this)_hash":"[0-9a-f]{64}",//g\')',
  RAW`  this=$({ raw "$hash"; printf '%s' "$text"; } | hmac "$key")`,
  '  case $entry in',
  RAW`    *"\"prev_hash\":\"$hash\","*"\"this_hash\":\"$this\","*) hash=$this ;;`,
  '    *) echo "Does not fit: $entry"; break ;;',
  '  esac',
  'done < entries.ndjson',
  'echo "$hash"',
];

/** Writes the facts that a seal covers into `sealed.json`, from the report's file. */
export function sealedFacts(file: string): string[] {
  return [
    "jq -cjS '.report |",
    '  def ms: if . == null or test("[.]") then . else sub("Z$"; ".000Z") end;',
    '  {account_id: .account.id, agent_id: .agent.id, ended_at: (.session.ended_at | ms),',
    '  head_hash: .audit_log.end_hash, key_id: .audit_log.key_id, merkle_root_hex,',
    '  policy_sha256: .policy.sha256, session_id, size: .audit_log.event_count,',
    `  started_at: (.session.started_at | ms), status: .session.status}' \\`,
    `  ${file} > sealed.json`,
  ];
}

/** Prints the seal over `sealed.json`. Uses `key` and `hmac` of `CHAIN`. */
export const SEAL = ['hmac "$(printf \'masker-seal/v1\' | hmac "$key")" < sealed.json'];
