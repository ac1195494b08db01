# shellcheck shell=sh disable=SC2154
# Asks servers and turns each answer into one line of evidence:
#
#   sentinel NAME names NODE EPOCH FLAGS     FLAGS are Sentinel's own, and ckquorum, tilt, late:
#                                            it heard no ping reply for half of down-after, so its own failover is near
#   data NAME master - keys|empty synced up OFFSET
#   data NAME replica OF keys|empty synced|unsynced LINK OFFSET     LINK: up, syncing, never, or seconds down
#   sentinel|data NAME silent WHY

# Runs a command for at most $1 seconds. Not timeout(1): the one of busybox leaves a process behind, and a server
# that is PID 1 never reaps it.
within() {
    limit=$1
    shift
    "$@" <&3 3<&- &
    job=$!
    (
        # SIGKILL, because a sleep that is about to begin would miss SIGTERM.
        trap 'kill -9 "$!"; wait "$!"; exit' TERM
        sleep "$limit" &
        wait "$!"
        kill "$job"
    ) >/dev/null 2>&1 3<&- &
    guard=$!
    wait "$job" 2>/dev/null
    status=$?
    kill "$guard" 2>/dev/null
    wait "$guard" 2>/dev/null
    return "$status"
} 3<&0

# Sends the commands on stdin to HOST PORT and prints the replies; connection errors are printed too.
connect() {
    set -- -h "$1" -p "$2"
    if [ "$tls" ]; then
        set -- "$@" --tls --cacert "$tls_ca"
        [ -z "$tls_cert" ] || set -- "$@" --cert "$tls_cert" --key "$tls_key"
    fi
    within 2 "$cli" "$@" 2>&1
}

# tell KIND HOST PORT COMMAND...: one authenticated connection. The password goes through stdin only.
tell() {
    auth=$live/auth-$1
    host=$2
    shift 2
    at=$1
    shift
    {
        [ ! -s "$auth" ] || cat "$auth"
        printf '%s\n' "$@"
    } | connect "$host" "$at" | tr -d '\r'
}

# Reads an INFO; prints what stands after NAME in a line of `data NAME ...`.
read_data() {
    awk -F: -v master="$1" '
        NR == FNR { split($0, member, " "); if (member[1] == "data" && member[2] == master) name[member[4] " " member[5]] = member[3]; next }
        /NOAUTH|WRONGPASS|NOPERM|SSL_|certificate/ { denied = 1 }
        { value[$1] = substr($0, length($1) + 2) }
        /^db[0-9]+:/ || /^loading:1/ { keys = 1 }
        function link() {
            if (value["master_sync_in_progress"] == 1) return "syncing"
            if (value["master_link_status"] == "up") return "up"
            return value["master_link_down_since_seconds"] + 0 < 0 ? "never" : value["master_link_down_since_seconds"]
        }
        END {
            if (value["role"] == "") { print "silent", denied ? "denied" : "no-answer"; exit }
            holds = keys ? "keys" : "empty"
            if (value["role"] == "master") { print "master -", holds, "synced up", value["master_repl_offset"]; exit }
            of = name[value["master_host"] " " value["master_port"]]
            synced = value["slave_priority"] == 100 ? "synced" : "unsynced"
            print "replica", of == "" ? "unlisted" : of, holds, synced, link(), value["slave_repl_offset"]
        }' "$members" -
}

# Reads CKQUORUM, INFO sentinel and SENTINEL MASTER; prints what stands after NAME in a line of `sentinel NAME ...`.
read_sentinel() {
    awk -v master="$1" '
        NR == FNR { if ($1 == "data" && $2 == master) name[$4 " " $5] = $3; next }
        /^(NOAUTH|WRONGPASS|NOPERM)/ || /SSL_|certificate/ { denied = 1 }
        /^OK [0-9]+ usable/ { quorum = ",ckquorum" }
        /^sentinel_tilt:1/ { tilt = ",tilt" }
        $0 == "name" { pairs = 1 }
        pairs { if (pairs++ % 2) field = $0; else value[field] = $0 }
        END {
            if (value["ip"] == "") { print "silent", denied ? "denied" : "no-answer"; exit }
            at = value["ip"] " " value["port"]
            if (name[at] == "") { print "silent unlisted:" value["ip"] ":" value["port"]; exit }
            late = value["last-ok-ping-reply"] * 2 > value["down-after-milliseconds"] ? ",late" : ""
            print "names", name[at], value["config-epoch"], value["flags"] quorum tilt late
        }' "$members" -
}

# ask_data MASTER NAME HOST PORT
ask_data() {
    echo "data $2 $(tell data "$3" "$4" INFO | read_data "$1")"
}

# ask_sentinel MASTER NAME HOST PORT
ask_sentinel() {
    echo "sentinel $2 $(tell sentinel "$3" "$4" "SENTINEL CKQUORUM $1" "INFO sentinel" "SENTINEL MASTER $1" | read_sentinel "$1")"
}

# Prints the reply to one command; nothing if it never came.
order() {
    whom=$1 host=$2 at=$3
    shift 3
    tell "$whom" "$host" "$at" PING "$@" | awk 'heard; $0 == "PONG" { heard = 1 }'
}

# order_self COMMAND
order_self() {
    order "$kind" "$(own_host)" "$port" "$@"
}

# Prints where this server listens: the loopback address unless a host's own `bind` lacks it.
own_host() {
    awk '
        $1 == "bind" { for (i = 2; i <= NF; i++) { gsub(/"/, "", $i); sub(/^-/, "", $i); listens[$i] = 1 }; first = $2 }
        END {
            loopback = first == "" || ("127.0.0.1" in listens) || ("0.0.0.0" in listens) || ("*" in listens)
            print loopback ? "127.0.0.1" : first
        }
    ' "$here/$([ "$kind" = data ] && echo redis || echo sentinel).conf"
}

# Asks every Sentinel and every data node of master $1 but this process, all at once; with $2 only that kind.
ask_everyone() {
    {
        while read -r is first second third fourth _; do
            [ "${2:-$is}" = "$is" ] || continue
            case "$is $first" in
                "sentinel $node") [ "$kind" = sentinel ] || ask_sentinel "$1" "$first" "$second" "$third" & ;;
                sentinel*) ask_sentinel "$1" "$first" "$second" "$third" & ;;
                "data $1") [ "$kind $second" = "data $node" ] || ask_data "$1" "$second" "$third" "$fourth" & ;;
            esac
        done <"$members"
        wait
    } | sort
}
