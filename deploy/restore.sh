#!/usr/bin/env bash
# A backup brought back into an empty place, and checked there entry by entry before anybody is served from it.
#   deploy/restore.sh /var/backups/unbracket/unbracket-20261122T080000Z.tar /srv/unbracket-restored
# For PostgreSQL set UNBRACKET_DATABASE_URL to an empty database; the directory then takes the signing key alone.
set -euo pipefail

file=${1:?usage: deploy/restore.sh FILE DIRECTORY}
place=${2:?usage: deploy/restore.sh FILE DIRECTORY}
unbracket=${UNBRACKET:-$(dirname "$(readlink -f "$0")")/../.venv/bin/unbracket}

umask 077
"$unbracket" restore "$file" --data-dir "$place"
"$unbracket" verify-log --quiet --data-dir "$place"
echo "Serve it with: unbracket serve --data-dir $place"
