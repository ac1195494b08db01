# shellcheck shell=sh disable=SC1091,SC2034,SC2154
# Who this process is: its settings, its line in the member list, its places on the volume.
# The sourcing script has set `here` to its own directory.

. "$here/settings"
[ "$node" ] || node=$(hostname)
live=$volume/live
data=$volume/data
: "${master=}"

# Prints `HOST PORT` of this process, nothing when the member list lacks it.
own_address() {
    case $kind in
        data) address_of "$master" "$node" ;;
        sentinel) address_of_sentinel "$node" ;;
    esac
}

# Prints `HOST PORT` of data node $2 of master $1.
address_of() {
    awk -v master="$1" -v node="$2" '$1 == "data" && $2 == master && $3 == node { print $4, $5 }' "$members"
}

# Prints `HOST PORT` of Sentinel $1.
address_of_sentinel() {
    awk -v node="$1" '$1 == "sentinel" && $2 == node { print $3, $4 }' "$members"
}

# Prints the data node of master $1 that is announced as host $2, port $3.
node_at() {
    awk -v master="$1" -v host="$2" -v port="$3" \
        '$1 == "data" && $2 == master && $4 == host && $5 == port { print $3 }' "$members"
}

# Prints the data node of master $1 that starts as master the first time.
seed_of() {
    awk -v master="$1" '$1 == "data" && $2 == master && $6 == "seed" { print $3 }' "$members"
}

# Seconds that no clock step changes.
now() {
    read -r uptime _ </proc/uptime
    echo "${uptime%.*}"
}

say() {
    echo "redisforge node=$node $*"
}

refuse() {
    say "refuses to start: $*" >&2
    exit 1
}
