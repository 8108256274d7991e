# MASKER_URL is where the service is, such as http://127.0.0.1:8080; MASKER_TOKEN is msk_…; AGENT and SESSION are ids of yours
put()  { curl -sS --fail-with-body -X PUT  -H "Authorization: Bearer $MASKER_TOKEN" -H "Content-Type: $1" --data-binary @- "$MASKER_URL/api/v1/$2"; }
post() { curl -sS --fail-with-body -X POST -H "Authorization: Bearer $MASKER_TOKEN" -H 'Content-Type: application/json' --data-binary @- "$MASKER_URL/api/v1/$1"; }

put application/yaml policies/reception/1 <<'YAML'
name: reception
version: 1
passes: [regex, gemma]
entities:
  NAME: {enabled: true, ner: true, action: tokenize}
YAML
put application/json "agents/$AGENT" <<<'{"name": "Reception", "policy_name": "reception"}'
put application/json "sessions/$SESSION" <<JSON
{"agent_id": "$AGENT", "started_at": "2026-11-28T09:00:00Z", "policy_name": "reception", "policy_version": 1, "upstream_model": "gpt-4o-mini"}
JSON
post "sessions/$SESSION/events" <<JSON
{"events": [{"event_id": "evt_${SESSION#sess_}", "ts": "2026-11-28T09:00:01Z", "kind": "redaction", "pass": "gemma",
  "entity_kind": "NAME", "span": [14, 22], "confidence": 0.94, "token_kind": "MSKV1", "kid": "K_HEALTHCARE"}]}
JSON
post "sessions/$SESSION/end" <<<'{"ended_at": "2026-11-28T09:00:02Z", "status": "ok"}'
curl -sS --fail-with-body -H "Authorization: Bearer $MASKER_TOKEN" "$MASKER_URL/api/v1/sessions/$SESSION/report"
