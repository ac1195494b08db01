#!/bin/sh
# Starts a data node in the role that the evidence allows, or waits and says why.
# shellcheck disable=SC1090,SC1091,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask secrets volume waiting decide-redis; do
    . "$here/$part.sh"
done

gather() {
    echo "node $node"
    echo "seed $(seed_of "$master")"
    echo "state $(last_master)"
    echo "copy $copy"
    echo "age $(($(date +%s) - written / 10))"
    echo "elapsed $(($(now) - began)) $decision_seconds $wait_seconds"
    [ -z "$cache_only" ] || echo cache-only
    [ ! -e "$live/force-master" ] || echo force
    ask_everyone "$master"
}

# Once per start, because a second failover could undo the first; only a refused one is none.
hand_over() {
    case $failover in OK | 'no reply') return ;; esac
    sentinel=$(address_of_sentinel "$1")
    refused=$failover
    failover=$(order sentinel "${sentinel% *}" "${sentinel#* }" "SENTINEL FAILOVER $master" | head -n 1)
    failover=${failover:-no reply}
    [ "$failover" = "$refused" ] || say "asks sentinel $1 for a failover: $failover"
}

# The rendered configuration and what only this node knows.
redis_conf() {
    cat "$here/redis.conf" || exit 1
    echo
    echo "dir \"$data\""
    echo "replica-announce-ip ${address% *}"
    echo "replica-announce-port ${address#* }"
    # With appendonly yes and no AOF the server would start empty beside its RDB file; the watcher switches it on.
    case "$persistence $copy" in AOF*' old') echo "appendonly no" ;; esac
    credentials
    if [ "$does" = master ]; then
        echo "replica-priority 100"
    else
        echo "replica-priority 0"
        echo "replicaof $(address_of "$master" "$target")"
    fi
}

credentials() {
    if [ "$acl" ]; then
        user_lines
        echo "masteruser replication"
    elif [ "$password_file" ]; then
        secret=$(quoted password "$password_file") || exit 1
        printf 'requirepass %s\n' "$secret"
    fi
    if [ "$replication_password_file" ]; then
        secret=$(quoted replicationPassword "$replication_password_file") || exit 1
        printf 'masterauth %s\n' "$secret"
    fi
}

answer_sigterm
prepare_volume
began=$(now) failover=''
copy=$(judge_copy)
written=$(copy_written)
written=${written:-0}
while :; do
    address=$(own_address)
    if [ "$address" ]; then
        evidence=$(gather)
        decision=$(printf '%s\n' "$evidence" | decide_redis)
        read -r row does target verdict needs <<END
$decision
END
    else
        evidence='' row=14 does=wait target=- verdict=none needs="a line for $node in the member list"
    fi
    note "row=$row verdict=$verdict $(printf '%s\n' "$evidence" | who_answered) state=$(last_master) copy=$copy does=$does target=$target${needs:+ needs=\"$needs\"}"
    case $does in
        master | replica) break ;;
        hand-over) hand_over "$target" ;;
    esac
    rest
done
write_live redis.conf redis_conf || exit 1
rm -f "$live/waiting" "$live/force-master"
sh "$here/watch-redis.sh" $$ "$copy" "$written" &
exec "$server" "$live/redis.conf"
