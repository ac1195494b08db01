# shellcheck shell=sh disable=SC2154
# What the volume remembers of the last run, and how a live file gets there.

prepare_volume() {
    { mkdir -p "$live" "$data" && chmod 0700 "$live"; } || refuse "cannot write to $volume"
    write_live auth-data auth_to_data || exit 1
    write_live auth-sentinel auth_to_sentinel || exit 1
}

# write_live NAME COMMAND...: the command's output becomes live/NAME, whole, on the disk, or not at all.
write_live() {
    file=$live/$1
    shift
    (umask 077 && "$@" >"$file.new") || return 1
    dd if=/dev/null of="$file.new" conv=notrunc,fsync 2>/dev/null && mv -f "$file.new" "$file"
}

# Prints the master that this data node knew last (itself, if it was the master) or `none`.
last_master() {
    if [ ! -f "$live/redis.conf" ]; then
        echo none
        return
    fi
    address=$(awk '$1 == "replicaof" { at = $2 " " $3 } END { print at }' "$live/redis.conf")
    if [ "$address" ]; then
        known=$(node_at "$master" "${address% *}" "${address#* }")
        # A node cannot replicate itself: such a line is no state.
        [ "$known" != "$node" ] || known=''
        echo "${known:-none}"
    else
        echo "$node"
    fi
}

# Prints `NODE EPOCH` of what this Sentinel monitored last for master $1, nothing if it is no state.
last_monitored() {
    [ -f "$live/sentinel.conf" ] || return 0
    awk -v master="$1" '
        NR == FNR { if ($1 == "data" && $2 == master) name[$4 " " $5] = $3; next }
        $1 == "sentinel" && $2 == "monitor" && $3 == master { at = $4 " " $5 }
        $1 == "sentinel" && $2 == "config-epoch" && $3 == master { epoch = $4 }
        END { if (name[at] != "") print name[at], epoch + 0 }' "$members" "$live/sentinel.conf"
}

# last_epoch current-epoch, or last_epoch leader-epoch MASTER
last_epoch() {
    if [ ! -f "$live/sentinel.conf" ]; then
        echo 0
        return
    fi
    awk -v what="$1" -v master="${2:-}" '
        $1 == "sentinel" && $2 == what && (master == "" || $3 == master) { epoch = $NF }
        END { print epoch + 0 }' "$live/sentinel.conf"
}

# The value of a directive of the rendered redis.conf: directive NAME DEFAULT
directive() {
    awk -v name="$1" -v value="$2" '$1 == name { value = $2 } END { gsub(/"/, "", value); print value }' "$here/redis.conf"
}

# Prints current, old or none: how much this node's data is worth. `member` says that it was complete once, `behind` that
# the AOF misses a sync.
judge_copy() {
    if [ "$persistence" = None ] || [ ! -f "$data/member" ] || [ -f "$data/behind" ]; then
        echo none
    elif [ "$persistence" != RDB ] && has_aof; then
        echo current
    elif [ -f "$data/$(directive dbfilename dump.rdb)" ]; then
        echo old
    else
        echo none
    fi
}

# Redis 7.0 and later keep a manifest in a directory of its own, 6.2 one file.
has_aof() {
    file=$(directive appendfilename appendonly.aof)
    [ -f "$data/$(directive appenddirname appendonlydir)/$file.manifest" ] || [ -f "$data/$file" ]
}

# When the copy was written last, in tenths of a second since 1970: replicas that died together differ by less than a second.
# Beside an AOF the RDB file says nothing: a sync leaves a new one long before the AOF, which the server loads, is written anew.
# An AOF that was written anew after the link broke holds no more than its sync.
copy_written() {
    set -- "$data"
    if [ "$persistence" != RDB ] && has_aof; then
        set -- "$data/$(directive appenddirname appendonlydir)" "$data/$(directive appendfilename appendonly.aof)"
    fi
    last=$(last_write "$@")
    synced=$(last_write "$data/behind")
    if [ "$synced" ] && [ "$synced" -lt "${last:-0}" ]; then
        last=$synced
    fi
    echo "$last"
}

# A sync that never ended leaves temp-* files, which are no copy.
last_write() {
    find "$@" -type f ! -name 'temp-*' -exec stat -c '%Y %y' {} + 2>/dev/null |
        awk '{ split($3 ".0", clock, "."); print $1 substr(clock[2], 1, 1) }' | sort -n | tail -n 1
}
