"""How a server removes a content for somebody who may delete nothing: only what an event withdraws.

The function of the tables' owner looks for an event of that kind which names the content by its key; the command
that records the withdrawal calls it in the same transaction.
"""

from __future__ import annotations

from typing import Final

from workflow.messages import CONTENT_WITHDRAWN

FUNCTION: Final = "workflow_withdraw"
SIGNATURE: Final = f"{FUNCTION}(text, text)"

BODY: Final = f"""
BEGIN
  IF content_key !~ '^[0-9a-f]{{64}}$' OR NOT EXISTS (
    SELECT 1 FROM event
    WHERE event.type = '{CONTENT_WITHDRAWN}'
      AND (convert_from(event.body, 'UTF8')::jsonb -> 'data'
           -> (CASE content_kind WHEN 'text' THEN 'texts' WHEN 'file' THEN 'documents' END)) ? content_key
  ) THEN
    RAISE EXCEPTION 'no event withdraws this content' USING ERRCODE = 'restrict_violation';
  END IF;
  DELETE FROM content WHERE content.key = content_key AND content.kind = content_kind;
END
"""

POSTGRES: Final = (
    # Whatever path a session sets, inside it counts the schema of our tables, and nobody's temporary one before it.
    f"""DO $make$ BEGIN
EXECUTE 'CREATE OR REPLACE FUNCTION ' || quote_ident(current_schema())
  || '.{FUNCTION}(content_key text, content_kind text) RETURNS void '
  || 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ' || quote_ident(current_schema()) || ', pg_temp '
  || 'AS ' || quote_literal($function${BODY}$function$);
END $make$""",
    f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
)
"""What makes the function, in order."""
