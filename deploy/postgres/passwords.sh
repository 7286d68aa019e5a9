#!/usr/bin/env bash
# Gives the two roles of roles.sql their passwords, from OWNER_PASSWORD and SERVER_PASSWORD in the environment. The
# container of PostgreSQL runs it once, after roles.sql, when it makes an empty database; by hand it may be run again.
set -euo pipefail

: "${OWNER_PASSWORD:?the password of unbracket_owner, who migrates}"
: "${SERVER_PASSWORD:?the password of unbracket, as whom the servers work}"

psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-unbracket}" --set ON_ERROR_STOP=1 <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv server SERVER_PASSWORD
ALTER ROLE unbracket_owner PASSWORD :'owner';
ALTER ROLE unbracket PASSWORD :'server';
SQL
