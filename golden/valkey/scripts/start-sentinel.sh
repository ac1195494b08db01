#!/bin/sh
# Starts a Sentinel with what it knew last or what the evidence says, or waits and says why.
# shellcheck disable=SC1090,SC1091,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask secrets volume waiting decide-sentinel; do
    . "$here/$part.sh"
done

masters() {
    awk '$1 == "sentinel" && $2 == "monitor" { print $3 }' "$here/sentinel.conf"
}

gather() {
    state=$(last_monitored "$1")
    [ -z "$state" ] || echo "state $state"
    [ "$state" ] || ask_everyone "$1"
}

# Sets `chosen`, a line `MASTER NODE EPOCH` for each master that fits a row, and `unknown`, the masters that fit none.
choose() {
    chosen='' unknown='' remembers=''
    for name in $(masters); do
        evidence=$(gather "$name")
        decision=$(printf '%s\n' "$evidence" | decide_sentinel)
        read -r row does monitored epoch needs <<END
$decision
END
        [ "$row" != a ] || remembers=yes
        case $does in
            monitor) chosen="$chosen$name $monitored $epoch
" ;;
            wait) unknown="$unknown $name" ;;
        esac
        report="$report master=$name row=$row $(printf '%s\n' "$evidence" | who_answered) does=$does target=$monitored${needs:+ needs=\"$needs\"}"
    done
}

is_enough() {
    [ "$chosen" ] || return 1
    [ -z "$unknown" ] || [ "$remembers" ] || [ $(($(now) - began)) -ge "$patience" ]
}

# Prints `NODE EPOCH` for a chosen master.
chosen_for() {
    printf '%s' "$chosen" | awk -v name="$1" '$1 == name { print $2, $3 }'
}

# Stable without any memory, so that no Sentinel is ever counted twice.
run_id() {
    printf '%s %s' "$topology" "$1" | sha1sum | cut -c 1-40
}

sentinel_conf() {
    while IFS= read -r line; do
        # shellcheck disable=SC2086
        set -- $line
        case "${1:-}-$#" in
            sentinel-[123]) printf '%s\n' "$line" ;;
            sentinel-*)
                choice=$(chosen_for "$3")
                [ "$choice" ] || continue
                [ "$2" != monitor ] || line="sentinel monitor $3 $(address_of "$3" "${choice% *}") $6"
                printf '%s\n' "$line"
                ;;
            *) printf '%s\n' "$line" ;;
        esac
    done <"$here/sentinel.conf" || exit 1
    echo "dir \"$volume\""
    echo "sentinel myid $(run_id "$node")"
    echo "sentinel announce-ip ${address% *}"
    echo "sentinel announce-port ${address#* }"
    credentials
    epoch=$(last_epoch current-epoch)
    while read -r name monitored config_epoch; do
        [ "$name" ] || continue
        [ "$config_epoch" -le "$epoch" ] || epoch=$config_epoch
        known_about "$name" "$monitored" "$config_epoch"
    done <<END
$chosen
END
    echo "sentinel current-epoch $epoch"
}

# known_about MASTER NODE EPOCH: everyone is known at once, also the replicas of a dead master.
known_about() {
    echo "sentinel config-epoch $1 $3"
    echo "sentinel leader-epoch $1 $(last_epoch leader-epoch "$1")"
    if [ "$sentinel_auth_password_file" ]; then
        [ -z "$acl" ] || echo "sentinel auth-user $1 sentinel"
        secret=$(bare sentinelAuthPassword "$sentinel_auth_password_file") || exit 1
        printf 'sentinel auth-pass %s %s\n' "$1" "$secret"
    fi
    while read -r is first second third fourth _; do
        case "$is $first" in
            "sentinel $node") ;;
            sentinel*) echo "sentinel known-sentinel $1 $second $third $(run_id "$first")" ;;
            "data $1") [ "$second" = "$2" ] || echo "sentinel known-replica $1 $third $fourth" ;;
        esac
    done <"$members"
}

credentials() {
    if [ "$acl" ]; then
        user_lines
        secret=$(bare sentinelAuthPassword "$sentinel_auth_password_file") || exit 1
        printf 'sentinel sentinel-user sentinel\nsentinel sentinel-pass %s\n' "$secret"
    elif [ "$sentinel_password_file" ]; then
        secret=$(bare sentinelPassword "$sentinel_password_file") || exit 1
        printf 'sentinel sentinel-pass %s\n' "$secret"
        secret=$(quoted sentinelPassword "$sentinel_password_file") || exit 1
        printf 'requirepass %s\n' "$secret"
    fi
}

answer_sigterm
prepare_volume
began=$(now)
while :; do
    report=''
    address=$(own_address)
    if [ "$address" ]; then
        choose
        note "${report# }"
        is_enough && break
    else
        note "does=wait needs=\"a line for $node in the member list\""
    fi
    rest
done
write_live sentinel.conf sentinel_conf || exit 1
rm -f "$live/waiting"
# shellcheck disable=SC2086
[ -z "$unknown" ] || sh "$here/watch-sentinel.sh" $$ $unknown &
exec "$server" "$live/sentinel.conf" --sentinel
