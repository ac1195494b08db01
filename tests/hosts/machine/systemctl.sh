#!/bin/sh
# Stands in for systemd where that cannot be booted: runs the lines of the unit files, as they are, by hand. Without a verb it is
# the first process of a machine; with one it is systemctl.
set -u

units=/etc/systemd/system wanted=/etc/systemd/system/multi-user.target.wants state=/run/by-hand

# value UNIT KEY: every value, a line each
value() {
    sed -n "s/^$2=//p" "$units/$1"
}

# as_user UNIT LINE
as_user() {
    # shellcheck disable=SC2086
    setpriv --reuid "$(value "$1" User)" --regid "$(value "$1" Group)" --clear-groups --no-new-privs $2
}

main_pid() {
    cat "$state/$1.pid" 2>/dev/null || echo 0
}

# Ends with $state/UNIT.supervised: until then the next start must not begin.
supervise() {
    run "$1"
    rm -f "$state/$1.supervised"
}

run() {
    while :; do
        runtime=$(value "$1" RuntimeDirectory)
        [ -z "$runtime" ] || install -d -o "$(value "$1" User)" -m "$(value "$1" RuntimeDirectoryMode)" "/run/$runtime"
        before=$(value "$1" ExecStartPre)
        [ -z "$before" ] || as_user "$1" "$before"
        date -u '+%a %Y-%m-%d %H:%M:%S UTC' >"$state/$1.since"
        # Without the function in between, so that this is the number of what runs.
        # shellcheck disable=SC2046
        setpriv --reuid "$(value "$1" User)" --regid "$(value "$1" Group)" --clear-groups --no-new-privs $(value "$1" ExecStart) &
        echo "$!" >"$state/$1.pid"
        wait "$!"
        rm -f "$state/$1.pid"
        [ "$(value "$1" Restart)" = always ] || return
        [ -e "$state/$1.runs" ] || return
        sleep "$(value "$1" RestartSec)"
        [ -e "$state/$1.runs" ] || return
    done
}

start() {
    [ ! -e "$state/$1.runs" ] || return 0
    : >"$state/$1.runs"
    : >"$state/$1.supervised"
    setsid "$0" supervise "$1" >>"/var/log/by-hand/$1" 2>&1 </dev/null &
    until [ -e "$state/$1.pid" ]; do sleep 0.1; done
}

stop() {
    [ -e "$state/$1.runs" ] || return 0
    rm "$state/$1.runs"
    line=$(value "$1" ExecStop)
    [ -z "$line" ] || as_user "$1" "$line" >>"/var/log/by-hand/$1" 2>&1
    limit=$(value "$1" TimeoutStopSec)
    limit=$((${limit:-90} * 10))
    told=0
    while [ -e "$state/$1.supervised" ] && [ "$limit" -gt 0 ]; do
        pid=$(main_pid "$1")
        case $pid in
            '' | 0 | "$told") ;;
            *) kill -TERM "$pid" && told=$pid ;;
        esac
        limit=$((limit - 1))
        sleep 0.1
    done
    [ "$limit" -gt 0 ] || kill -KILL "$told"
}

# The enabled units: one that others name in Before= comes ahead of them.
in_order() {
    for link in "$wanted"/*.service; do
        [ -e "$link" ] || continue
        unit=${link##*/}
        [ "$(value "$unit" Before)" ] && echo "0 $unit" || echo "1 $unit"
    done | sort "$@" | cut -d ' ' -f 2
}

first_process() {
    mkdir -p /run/systemd/system "$state" /var/log/by-hand
    trap 'exit 0' TERM
    for unit in $(in_order); do
        start "$unit"
    done
    while :; do
        sleep 1 &
        wait "$!"
    done
}

verb=${1:-first_process}
[ "$#" -eq 0 ] || shift
given='' now='' property=''
while [ "$#" -gt 0 ]; do
    case $1 in
        --now) now=yes ;;
        --property) property=$2 && shift ;;
        --quiet | --value) ;;
        *) given="$given ${1%.service}.service" ;;
    esac
    shift
done
case $verb in
    first_process) first_process ;;
    daemon-reload) ;;
    poweroff)
        for unit in $(in_order -r); do
            stop "$unit"
        done
        kill -TERM 1
        ;;
esac
for unit in $given; do
    case $verb in
        start | stop | supervise) "$verb" "$unit" ;;
        restart) stop "$unit" && start "$unit" ;;
        enable)
            mkdir -p "$wanted"
            ln -sf "$units/$unit" "$wanted/$unit"
            [ -z "$now" ] || start "$unit"
            ;;
        is-active) [ -e "$state/$unit.pid" ] || exit 3 ;;
        is-enabled) [ -e "$wanted/$unit" ] || exit 1 ;;
        show)
            case $property in
                MainPID) main_pid "$unit" ;;
                ActiveEnterTimestamp) cat "$state/$unit.since" ;;
            esac
            ;;
    esac
done
