#!/bin/sh
# Looks for the masters that a Sentinel had to start without, and ends it when one is found: it knows that one when it is
# started again. Started beside the server: watch-sentinel.sh SERVER_PID MASTER...
# shellcheck disable=SC1090,SC1091,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask decide-sentinel; do
    . "$here/$part.sh"
done
server_pid=$1
shift

while kill -0 "$server_pid" 2>/dev/null; do
    for name in "$@"; do
        case $(ask_everyone "$name" | decide_sentinel) in
            *' monitor '*)
                say "master=$name can be monitored now: ends this Sentinel so that it starts again with it"
                kill "$server_pid"
                exit 0
                ;;
        esac
    done
    sleep 1
done
