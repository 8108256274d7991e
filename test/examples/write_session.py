"""Writes a session and prints its report. Needs Python 3.9 or newer, and nothing else."""
import json, os, secrets, time, urllib.error, urllib.request
from datetime import datetime, timezone

URL = os.environ["MASKER_URL"] + "/api/v1"      # http://127.0.0.1:8080
TOKEN = os.environ["MASKER_TOKEN"]              # msk_…

def new_id(prefix):
    """A ULID behind a prefix: 48 bits of time, 80 bits of chance."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return prefix + "_" + "".join(digits[number >> 5 * i & 31] for i in reversed(range(26)))

def now():
    return datetime.now(timezone.utc).isoformat()

def call(method, path, body=None, media_type="application/json"):
    """Every call can be sent again: after a lost answer, send it once more as it was."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else None
    headers = {"Authorization": "Bearer " + TOKEN, "Content-Type": media_type}
    request = urllib.request.Request(URL + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}")

POLICY = """
name: front-desk
version: 1
passes: [regex, gemma]
entities:
  NAME: {enabled: true, ner: true, action: tokenize}
  PHONE: {enabled: true, regex: true, action: tokenize}
"""
agent, session = new_id("agt"), new_id("sess")

call("PUT", "/policies/front-desk/1", POLICY, "application/yaml")
call("PUT", f"/agents/{agent}", {"name": "Front desk", "policy_name": "front-desk"})
call("PUT", f"/sessions/{session}", {
    "agent_id": agent, "started_at": now(), "policy_name": "front-desk", "policy_version": 1,
    "upstream_model": "gpt-4o-mini", "external_id": "call-" + session[-8:],
})
token = {"token_kind": "MSKV1", "kid": "K_HEALTHCARE"}
call("POST", f"/sessions/{session}/events", {"events": [
    {"event_id": new_id("evt"), "ts": now(), "kind": "redaction", "pass": "gemma", "entity_kind": "NAME",
     "span": [14, 22], "confidence": 0.94, **token},
    {"event_id": new_id("evt"), "ts": now(), "kind": "redaction", "pass": "regex", "entity_kind": "PHONE",
     "span": [40, 52], "confidence": 0.99, **token},
]})
ended = call("POST", f"/sessions/{session}/end", {"ended_at": now(), "status": "ok"})
report = call("GET", f"/sessions/{session}/report")["report"]
assert report["merkle_root_hex"] == ended["merkle_root_hex"]
print(session, report["redactions_by_kind"], report["audit_log"]["state"])
