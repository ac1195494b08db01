#!/bin/sh
# Sentinel's client reconfiguration script: reconfig.sh MASTER ROLE STATE FROM-HOST FROM-PORT TO-HOST TO-PORT. Every Sentinel logs
# the switch; the leader of the failover posts it to each webhook. Exit codes as Sentinel reads them: 0 done, 1 try again, 2 give up.
# shellcheck disable=SC1090,SC1091,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask post; do
    . "$here/$part.sh"
done

if [ $# -ne 7 ]; then
    say "reconfig: wants MASTER ROLE STATE FROM-HOST FROM-PORT TO-HOST TO-PORT"
    exit 2
fi
say "master=$1 role=$2 state=$3 moved from $4:$5 to $6:$7"
[ "$2" = leader ] || exit 0
[ -s "$webhooks_file" ] || exit 0
if ! has_client || ! can_keep_url_secret; then
    say "reconfig: no curl and no GNU wget: no webhook is called"
    exit 2
fi

payload=$(printf '{"text":"Redis %s: master %s moved from %s to %s","topology":"%s","master":"%s","state":"%s","from":"%s","to":"%s","reporter":"%s","time":"%s"}' \
    "$(json "$topology")" "$(json "$1")" "$(json "$4:$5")" "$(json "$6:$7")" "$(json "$topology")" "$(json "$1")" \
    "$(json "$3")" "$(json "$4:$5")" "$(json "$6:$7")" "$(json "$node")" "$(timestamp "$(date +%s)")")

# The client's own messages could hold the URL, which is a secret.
call() {
    url=$(cat "$2" 2>/dev/null)
    case $url in
        *[[:space:]]* | *[[:cntrl:]]* | '')
            say "reconfig: webhook $1: no usable URL in its file"
            return 1
            ;;
    esac
    post "$url" "$payload" 2>/dev/null || {
        say "reconfig: webhook $1 did not take the switch"
        return 1
    }
}

jobs=''
while read -r name file; do
    call "$name" "$file" &
    jobs="$jobs $!"
done <"$webhooks_file"
delivered='' failed=''
for job in $jobs; do
    if wait "$job"; then delivered=yes; else failed=yes; fi
done
[ "$failed" ] || exit 0
# A second try would repeat what others already have.
[ "$delivered" ] || exit 1
exit 2
