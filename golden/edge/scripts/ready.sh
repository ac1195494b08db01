#!/bin/sh
# Readiness: a data node is the master, or a synced replica with its link up; a Sentinel names every master of the spec.
# shellcheck disable=SC1090,SC1091,SC2086,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask; do
    . "$here/$part.sh"
done

not_ready() {
    echo "not ready: $*"
    exit 1
}

judge_data_node() {
    value loading | grep -qx 0 || not_ready "loading"
    [ "$(value role)" != master ] || exit 0
    [ "$(value master_sync_in_progress)" = 0 ] || not_ready "sync in progress"
    [ "$(value master_link_status)" = up ] || not_ready "link to the master is down"
    [ "$(value slave_priority)" = 100 ] || not_ready "not synced yet"
}

judge_sentinel() {
    unknown=$(printf '%s\n' "$info" | awk -F '[=,]' '
        NR == FNR { split($0, member, " "); if (member[1] == "data") wanted[member[2]] = 1; next }
        /^master[0-9]+:name=/ { delete wanted[$2] }
        END { for (name in wanted) print name }' "$members" -)
    [ -z "$unknown" ] || not_ready "monitors no master for" $unknown
}

value() {
    printf '%s\n' "$info" | sed -n "s/^$1://p"
}

[ ! -s "$live/waiting" ] || not_ready "$(cat "$live/waiting")"
case $kind in
    data)
        info=$(order_self INFO)
        [ "$info" ] || not_ready "no answer at port $port"
        judge_data_node
        ;;
    sentinel)
        info=$(order_self "INFO sentinel")
        [ "$info" ] || not_ready "no answer at port $port"
        judge_sentinel
        ;;
esac
