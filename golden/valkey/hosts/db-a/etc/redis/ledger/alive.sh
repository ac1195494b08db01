#!/bin/sh
# Liveness: the server replies anything at all, an error too, or the start script waits. It knows no role and no password.
# shellcheck disable=SC1090,SC1091,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask; do
    . "$here/$part.sh"
done

waiting_since=$(stat -c %Y "$live/waiting" 2>/dev/null) && [ $(($(date +%s) - waiting_since)) -lt 15 ] && exit 0
answer=$(echo PING | connect "$(own_host)" "$port" | head -n 1)
case $answer in
    # A certificate that the mounted CA does not know, or that is too old, was shown by a server that lives.
    *SSL_connect*) ;;
    '' | 'Could not connect'*)
        echo "no answer at port $port${answer:+: $answer}"
        exit 1
        ;;
esac
