"""What `npm run test:fuzz` adds to Schemathesis: values that exist, since a text of chance names nothing, and a count of
the requests that were answered."""
import atexit
import datetime
import hashlib
import json
import os
import threading

import schemathesis
from schemathesis.core.parameters import ParameterLocation

FOLDER = os.environ["FUZZ_FOLDER"]
with open(os.path.join(FOLDER, "ids.json"), encoding="utf-8") as file:
    KNOWN = json.load(file)
OWN_TOKEN = os.environ["FUZZ_TOKEN_ID"]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

lock = threading.Lock()
counts = {"answers": 0, "statuses": {}}
cursors = {}


def number_of(case, name):
    """Always the same for the same case, so that a fault can be repeated."""
    parts = [case.operation.label, name, case.path_parameters, case.query, repr(case.body)]
    digest = hashlib.sha256(json.dumps(parts, default=repr).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big")


def may_change(case, location):
    """A part that is wrong on purpose stays as it is."""
    return case.meta is None or not case.meta.is_negative_at(location)


def put_known(case, values, mark):
    """Three in four values that exist stand in the place of those of chance."""
    for name in list(values or {}):
        known = KNOWN.get(mark + name) or (cursors.get(case.operation.label) if name == "cursor" else None)
        number = number_of(case, name)
        if known and number % 4 != 0:
            values[name] = known[number // 4 % len(known)]


def ulid(number):
    return "01" + "".join(ALPHABET[number >> 5 * i & 31] for i in range(12)) + "0" * 12


def usable_body(case):
    """A body that the route takes; None where any is good."""
    path, params = case.operation.path, case.path_parameters or {}
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    token = {"token_kind": "MSKV1", "kid": "K_HEALTHCARE"}
    event = {"event_id": "evt_" + ulid(number_of(case, "event")), "ts": now, "kind": "redaction", "pass": "regex"}
    return {
        "/api/v1/policies/{name}/{version}": f"name: {params.get('name')}\nversion: {params.get('version')}\n"
        "passes: [regex]\nentities:\n  PHONE: {enabled: true, regex: true, action: tokenize}\n",
        "/api/v1/sessions/{session_id}": {
            "agent_id": KNOWN["agent_id"][0],
            "started_at": now,
            "policy_name": KNOWN["name"][0],
            "policy_version": 1,
            "upstream_model": "gpt-4o-mini",
        },
        "/api/v1/sessions/{session_id}/events": {
            "events": [{**event, "entity_kind": "PHONE", "span": [1, 9], "confidence": 0.5, **token}]
        },
        "/api/v1/sessions/{session_id}/end": {"ended_at": now, "status": "ok"},
        "/api/v1/webhooks": {"url": "https://127.0.0.1:9/hooks", "events": ["log.failed"]},
        "/api/v1/tokens": {"name": "made", "scopes": ["sessions:read"], "expires": "1d"},
    }.get(path)


def mix(case, body, usable):
    """Half of what was made by chance, in a body that the route takes: so that what is behind the first check is reached."""
    number = number_of(case, "mix")
    if isinstance(usable, str) or not isinstance(body, dict):
        return usable
    kept = {name: value for i, (name, value) in enumerate(body.items()) if number >> i & 1}
    return {**usable, **kept}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """A list of two alike is written without `prefixItems`, which this version of Schemathesis turns into an older form.
    The content of a 206 has no schema: Schemathesis reads bytes that were cut out of a JSON as a whole JSON, and fails."""

    def walk(node):
        if isinstance(node, dict):
            first, *others = node.get("prefixItems") or [None]
            if first is not None and all(other == first for other in others) and node.get("items") is False:
                del node["prefixItems"]
                node["items"] = first
            part = (node.get("responses") or {}).get("206") or {}
            for media in part.get("content", {}).values():
                media.pop("schema", None)
            node = list(node.values())
        if isinstance(node, list):
            for part in node:
                walk(part)

    walk(raw_schema)


@schemathesis.hook
def before_call(context, case, kwargs):
    if may_change(case, ParameterLocation.PATH):
        put_known(case, case.path_parameters, "")
    if may_change(case, ParameterLocation.QUERY):
        put_known(case, case.query, "?")
    usable = usable_body(case) if case.operation.method.upper() in ("PUT", "POST") else None
    if usable and may_change(case, ParameterLocation.BODY) and number_of(case, "body") % 4 != 0:
        case.body = mix(case, case.body, usable)
    # The run needs its own token until its end.
    if case.operation.method.upper() == "DELETE" and (case.path_parameters or {}).get("token_id") == OWN_TOKEN:
        case.path_parameters["token_id"] = KNOWN["token_id"][0]


@schemathesis.hook
def after_call(context, case, response):
    status = str(response.status_code)
    with lock:
        counts["answers"] += 1
        counts["statuses"][status] = counts["statuses"].get(status, 0) + 1
        if status == "200" and b'"next_cursor":"' in response.content:
            cursors.setdefault(case.operation.label, []).append(response.json()["next_cursor"])


@atexit.register
def write_counts():
    with open(os.path.join(FOLDER, f"counts-{os.environ['FUZZ_ROUND']}.json"), "w", encoding="utf-8") as out:
        json.dump(counts, out)
