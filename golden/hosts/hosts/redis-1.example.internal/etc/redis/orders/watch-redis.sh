#!/bin/sh
# Looks at a data node each second until its copy is complete: only then may Sentinel promote it, and only then do we
# call what lies on the disk a copy. Started beside the server: watch-redis.sh SERVER_PID COPY WRITTEN.
# shellcheck disable=SC1090,SC1091,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask; do
    . "$here/$part.sh"
done
server_pid=$1 copy=$2 written=$3

value() {
    printf '%s\n' "$info" | sed -n "s/^$1://p"
}

is_complete() {
    [ "$(value loading)" = 0 ] || return 1
    [ "$(value role)" = master ] || { [ "$(value master_link_status)" = up ] && [ "$(value master_sync_in_progress)" = 0 ]; }
}

set_priority() {
    [ "$(value slave_priority)" = "$1" ] || order_self "CONFIG SET replica-priority $1" | grep -q '^OK'
}

# After a sync the AOF is written anew in the background; until that ended the disk holds the older copy, or none.
is_on_disk() {
    case $persistence in AOF*) ;; *) return 0 ;; esac
    if [ "$(value aof_enabled)" = 0 ]; then
        order_self "CONFIG SET appendonly yes" >/dev/null
        return 1
    fi
    [ "$(value aof_rewrite_in_progress) $(value aof_rewrite_scheduled) $(value aof_last_bgrewrite_status)" = "0 0 ok" ]
}

# Promoted now and started again, this node would come back with less than its replicas hold.
mark_behind() {
    [ "$(value role) $copy" != "slave current" ] || [ -f "$data/behind" ] || : >"$data/behind"
}

# The master is silent or follows somebody in vain, every other replica answers and has as little of it as this one; prints
# what they are. An empty one may have lost its volume, so it cannot tell that nobody had more.
orphans_picture() {
    [ "$copy" != none ] || [ -f "$data/behind" ] || [ "$cache_only" ] || return 1
    [ "$(value role) $(value master_link_status)" = "slave down" ] || return 1
    lost=$(node_at "$master" "$(value master_host)" "$(value master_port)")
    holds=''
    [ "$cache_only" ] || ! value 'db[0-9]*' | grep -q . || holds=keys
    ask_everyone "$master" data | awk -v lost="$lost" -v holds="$holds" '
        $2 == lost { gone = 1; if ($3 == "silent") next }
        $3 != "replica" || $6 != "unsynced" || $7 !~ /^(never|[0-9]+)$/ { hope = 1 }
        holds == "keys" && $5 == "empty" && $2 != lost { hope = 1 }
        { picture = picture " " $2 " of " $4 }
        END { if (hope || !gone) exit 1; print "no master at " lost picture }'
}

# Sentinel takes the lowest priority: of orphans, the one written last. A priority has 31 bits, so the tenths start anew
# every 6.8 years; 0 would mean never, 100 synced.
orphans_priority() {
    priority=$((2147483647 - written % 2147483648))
    [ "$priority" -gt 100 ] || priority=101
    echo "$priority"
}

orphaned_since='' promotable='' picture=''
while kill -0 "$server_pid" 2>/dev/null; do
    info=$(order_self INFO)
    if is_complete; then
        if is_on_disk; then
            set_priority 100 && echo "$persistence" >"$data/member" && rm -f "$data/behind" && exit 0
        else
            mark_behind
            set_priority 100
        fi
        promotable='' picture=''
    elif seen=$(orphans_picture) && [ "$seen" = "$picture" ]; then
        # Up to three seconds of the wait went into looking and asking.
        if [ -z "$promotable" ] && [ $(($(now) - orphaned_since)) -ge $((wait_seconds - 3)) ] && set_priority "$(orphans_priority)"; then
            promotable=yes
            say "$picture, and nobody is synced: may be promoted with priority $(orphans_priority)"
        fi
    elif [ -z "$promotable" ] || set_priority 0; then
        # Whatever changed, another node may have more now.
        promotable='' picture=$seen orphaned_since=$(now)
    fi
    sleep 1
done
