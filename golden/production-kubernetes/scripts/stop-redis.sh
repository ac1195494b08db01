#!/bin/sh
# Planned stop: a master pauses its writers, lets the replicas catch up and has Sentinel promote one, so that the SIGTERM that
# follows loses no write. Whatever is missing for that, SIGTERM alone is the way. Ends within 35 s.
# shellcheck disable=SC1090,SC1091,SC2154,SC2317
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask volume decide-redis; do
    . "$here/$part.sh"
done

leave() {
    say "stop: $*"
    exit 0
}

# A ping counts as a write. One that reaches a replica after another was promoted puts it ahead of the new master, which then
# sends it everything anew, and with min-replicas-to-write serves no writer before that has ended.
ping_replicas_every() {
    order_self "CONFIG SET repl-ping-replica-period $1" >/dev/null
}

# A node that was taken off the member list while it runs, as at a scale-in, still has to hand over: it knows itself by what
# it announced.
know_oneself() {
    [ -z "$(own_address)" ] || return 0
    announced=$(awk '{ gsub(/"/, "") } $1 == "replica-announce-ip" { host = $2 } $1 == "replica-announce-port" { at = $2 }
        END { if (host != "" && at != "") print host, at }' "$live/redis.conf")
    [ "$announced" ] || leave "no line for $node in the member list"
    { cat "$members" && echo "data $master $node $announced"; } >"$live/members" || leave "cannot write to $live"
    members=$live/members
}

# A paused master whose failover was not accepted must serve again.
resume() {
    order_self "CLIENT UNPAUSE" >/dev/null
    ping_replicas_every "$(directive repl-ping-replica-period 10)"
    leave "$* within 5 s; writers go on until SIGTERM"
}

# Prints `HOST PORT STATE ACKNOWLEDGED-OFFSET` of each connected replica.
connected() {
    order_self "INFO replication" |
        sed -n 's/^slave[0-9]*:ip=\(.*\),port=\([0-9]*\),state=\([a-z_]*\),offset=\([0-9]*\),.*/\1 \2 \3 \4/p'
}

can_hand_over() {
    weigh_evidence <<END
node $node
$(ask_everyone "$master")
END
    [ "$verdict" = "$node" ] || leave "the Sentinels name $verdict as master"
    [ "$usable_sentinel" ] || leave "no Sentinel could fail over"
    [ "$synced" ] || leave "no replica is synced"
    listed=$(connected)
    replicas=$(printf '%s\n' "$listed" | grep -c .)
    printf '%s\n' "$listed" | awk '$3 != "online" { late = 1 } END { exit late }' || leave "a connected replica is not online"
}

# Asks the replicas themselves: they acknowledge only once a second. One that is no longer listed is not level, and no list
# says nothing.
is_everyone_level() {
    answers=$(ask_everyone "$master" data)
    listed=$(connected)
    [ "$(printf '%s\n' "$listed" | grep -c .)" -ge "$replicas" ] || return 1
    printf '%s\n' "$listed" | while read -r host at state acknowledged; do
        offset=$(printf '%s\n' "$answers" | awk -v name="$(node_at "$master" "$host" "$at")" '$2 == name && $3 == "replica" { print $NF }')
        [ "$state" = online ] && [ "${offset:-$acknowledged}" -ge "$goal" ] || exit 1
    done
}

# Tries until the command succeeds, for so many seconds at most: until_over SECONDS COMMAND...
until_over() {
    last=$(($(now) + $1))
    shift
    until "$@"; do
        [ "$(now)" -lt "$last" ] || return 1
        sleep 0.1
    done
}

is_replaced() {
    ask_everyone "$master" sentinel | awk -v node="$node" '
        $3 == "names" && $4 != node { others++ }
        END { exit others * 2 <= NR }'
}

[ ! -e "$live/waiting" ] || leave "the server does not run yet"
info=$(order_self "INFO replication")
case $info in
    *role:master*) ;;
    *) leave "not a running master" ;;
esac
know_oneself
can_hand_over
ping_replicas_every 2147483647
order_self "CLIENT PAUSE 60000 WRITE" | grep -q '^OK' || resume "cannot pause the writers"
goal=$(order_self "INFO replication" | sed -n 's/^master_repl_offset://p')
until_over 5 is_everyone_level || resume "the replicas did not catch up"
address=$(address_of_sentinel "$usable_sentinel")
reply=$(order sentinel "${address% *}" "${address#* }" "SENTINEL FAILOVER $master" | head -n 1)
case $reply in
    OK | '') ;;
    *) resume "Sentinel $usable_sentinel refused: $reply," ;;
esac
# Never an UNPAUSE from here on: the failover may still come and would lose every later write.
until_over 20 is_replaced || leave "no failover within 20 s"
leave "handed over"
