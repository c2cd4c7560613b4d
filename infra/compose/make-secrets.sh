#!/bin/sh
# Makes the files of secrets/ that compose.yaml names, once: one that is there is never written over. Owned by the user of the containers where
# this runs as root.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
write() {
  [ -e "secrets/$1" ] || printf '%s\n' "$2" > "secrets/$1"
}
write postgres-password "$(openssl rand -hex 24)"
write owner-password "$(openssl rand -hex 24)"
write owner-url "postgresql://gatehouse_owner:$(cat secrets/owner-password)@postgres/gatehouse"
write backup-password "$(openssl rand -hex 24)"
write backup-url "postgresql://gatehouse_backup:$(cat secrets/backup-password)@postgres/gatehouse"
write backup-key "$(openssl rand -base64 32)"
for process in console hub worker; do
  write "$process-url" "postgresql://gatehouse_$process:$(openssl rand -hex 24)@postgres/gatehouse"
done
write signing-kek "$(openssl rand -base64 32)"
write nextauth-secret "$(openssl rand -hex 32)"
# PostgreSQL reads its own as a user of its own; the folder is closed to everybody else
chmod 0644 secrets/postgres-password secrets/owner-password secrets/backup-password
if [ "$(id -u)" = 0 ]; then
  for name in owner-url backup-url backup-key console-url hub-url worker-url signing-kek nextauth-secret; do chown 65532:65532 "secrets/$name"; done
fi
