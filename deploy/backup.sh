#!/usr/bin/env bash
# A backup of the whole record into a directory, beside a running server; old ones there are removed, newest kept.
#   deploy/backup.sh /var/backups/unbracket          (KEEP=48 files; KEY=--with-key to put the signing key in)
# The settings are those of the server: UNBRACKET_DATA_DIR, UNBRACKET_DATABASE_URL.
set -euo pipefail

target=${1:?usage: deploy/backup.sh DIRECTORY}
keep=${KEEP:-48}
unbracket=${UNBRACKET:-$(dirname "$(readlink -f "$0")")/../.venv/bin/unbracket}

umask 077
mkdir -p "$target"
file="$target/unbracket-$(date -u +%Y%m%dT%H%M%SZ).tar"
"$unbracket" backup "$file" ${KEY:+"$KEY"}

# Only after a whole new one stands there.
mapfile -t old < <(find "$target" -maxdepth 1 -name 'unbracket-*.tar' -type f | sort -r | tail -n "+$((keep + 1))")
for one in "${old[@]}"; do
    rm -- "$one"
done
