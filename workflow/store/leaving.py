"""How a server records that something leaves the house for somebody who may write nothing else: a reviewer.

A function of the tables' owner appends one event to `@workspace`. It takes the event's canonical bytes, and writes
nothing that they do not say: an export or a bundle, by the session that is there, next in the chain, and no text.
"""

from __future__ import annotations

from typing import Final

FUNCTION: Final = "workflow_record_export"
SIGNATURE: Final = f"{FUNCTION}(bytea)"

_TEXT = r'"([^"\\\x01-\x1f]|\\["\\bfnrt]|\\u00[01][0-9a-f])*"'
_WHOLE = r"-?(0|[1-9][0-9]{0,15})"
_VALUE = rf"(null|true|false|{_WHOLE}|{_TEXT}|\[({_TEXT}(,{_TEXT})*)?\])"
_FLAT = rf'\{{("[a-z0-9_]+":{_VALUE}(,"[a-z0-9_]+":{_VALUE})*)?\}}'
_LOGIN = rf'\{{"login":\{{"[a-z_]+":{_TEXT}(,"[a-z_]+":{_TEXT})*\}}\}}'
CANONICAL: Final = (
    rf'^\{{"actor":(null|{_TEXT}),"authority":{_LOGIN},"clock":"(system|simulated)","data":{_FLAT},'
    r'"definition":null,"format":1,"occurred_on":"\d{4}-\d\d-\d\d","on_behalf":null,"plan":"@workspace",'
    r'"plugin":null,"recorded_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","request_id":null,'
    r'"seq":[1-9][0-9]{0,15},"type":"(exported|bundled)"\}$'
)
"""The canonical bytes that such an event can have (RFC 8785 as `audit` restricts it), as the server reads patterns."""

LONGEST: Final = 65536

BODY: Final = f"""
DECLARE
  said text;
  fields json;
  head record;
BEGIN
  IF body IS NULL OR octet_length(body) > {LONGEST} THEN
    RAISE EXCEPTION 'no event, or too long' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  said := convert_from(body, 'UTF8');
  IF said !~ $pattern${CANONICAL}$pattern$ OR said IS NOT NFC NORMALIZED THEN
    RAISE EXCEPTION 'these are not the bytes of an export''s event' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  fields := said::json;
  IF ARRAY(SELECT json_object_keys(fields -> 'data'))
       IS DISTINCT FROM ARRAY(SELECT DISTINCT key COLLATE "C" FROM json_object_keys(fields -> 'data') AS key ORDER BY 1)
     OR ARRAY(SELECT json_object_keys(fields #> '{{authority,login}}'))
       IS DISTINCT FROM ARRAY(SELECT DISTINCT key COLLATE "C"
                              FROM json_object_keys(fields #> '{{authority,login}}') AS key ORDER BY 1) THEN
    RAISE EXCEPTION 'its keys are not in order' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF fields #>> '{{authority,login,session_user}}' IS DISTINCT FROM session_user::text THEN
    RAISE EXCEPTION 'it names another session than this one' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF fields ->> 'clock' = 'system'
     AND abs(extract(epoch FROM (fields ->> 'recorded_at')::timestamptz - clock_timestamp())) > 86400 THEN
    RAISE EXCEPTION 'it is of another day than this server''s' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT event.seq, event.hash INTO head FROM event WHERE event.plan = '@workspace' ORDER BY event.seq DESC LIMIT 1;
  IF (fields ->> 'seq')::bigint <> coalesce(head.seq, 0) + 1 THEN
    RAISE EXCEPTION 'somebody recorded in between' USING ERRCODE = 'unique_violation', CONSTRAINT = 'event_pkey';
  END IF;
  INSERT INTO event (plan, seq, type, occurred_on, recorded_at, actor, request_id, previous, hash, body)
  VALUES (
    '@workspace', (fields ->> 'seq')::bigint, fields ->> 'type', fields ->> 'occurred_on', fields ->> 'recorded_at',
    fields ->> 'actor', NULL, coalesce(head.hash, decode(repeat('00', 32), 'hex')),
    sha256(coalesce(head.hash, decode(repeat('00', 32), 'hex')) || body), body
  );
END
"""

POSTGRES: Final = (
    # Whatever path a session sets, inside it counts the schema of our tables, and nobody's temporary one before it.
    f"""DO $make$ BEGIN
EXECUTE 'CREATE OR REPLACE FUNCTION ' || quote_ident(current_schema()) || '.{FUNCTION}(body bytea) RETURNS void '
  || 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ' || quote_ident(current_schema()) || ', pg_temp '
  || 'AS ' || quote_literal($function${BODY}$function$);
END $make$""",
    f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
)
"""What makes the function, in order."""
