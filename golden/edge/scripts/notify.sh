#!/bin/sh
# Sentinel's notification script: notify.sh EVENT DESCRIPTION. Posts the chosen events to every Alertmanager. Three Sentinels
# send the same labels and so make one alert. Exit codes as Sentinel reads them: 0 done, 1 try again, 2 give up.
# shellcheck disable=SC1090,SC1091,SC2086,SC2154
set -uf

here=${0%/*}
[ "$here" != "$0" ] || here=.
for part in node ask post; do
    . "$here/$part.sh"
done

# An event that is over at once shows for this long; an open one ends by its counterpart, which a restart can swallow.
short=300 long=14400

# TYPE NAME HOST PORT [@ MASTER HOST PORT], or for +switch-master NAME OLDHOST OLDPORT NEWHOST NEWPORT.
read_description() {
    case $event in
        +switch-master) name=${1:-} instance=${2:-}:${3:-} type=master ;;
        *) type=${1:-} instance=${3:-}:${4:-} name=${2:-} ;;
    esac
    [ "${5:-}" != @ ] || name=${6:-}
    case $type in
        master | slave | sentinel) ;;
        *) name='' instance='' type='' ;;
    esac
}

severity_of() {
    case $1 in
        +odown | -failover-abort-*) echo critical ;;
        +switch-master | *-end | +promoted-slave) echo info ;;
        *) echo warning ;;
    esac
}

# alert EVENT SECONDS: one alert that ends so many seconds from now.
alert() {
    printf '{"labels":{"alertname":"RedisSentinelEvent","topology":"%s","master":"%s","event":"%s","instance":"%s","type":"%s","severity":"%s"},' \
        "$(json "$topology")" "$(json "$name")" "$(json "$1")" "$(json "$instance")" "$(json "$type")" "$(severity_of "$1")"
    printf '"annotations":{"summary":"Sentinel: %s %s","description":"%s","reporter":"%s"' \
        "$(json "$event")" "$(json "$name")" "$(json "$description")" "$(json "$node")"
    [ -z "$runbook_url" ] || printf ',"runbook_url":"%s"' "$(json "$runbook_url")"
    printf '},"startsAt":"%s","endsAt":"%s"}' "$(timestamp "$clock")" "$(timestamp $((clock + $2)))"
}

# What happened, and what it ends. After +switch-master no -odown and no -sdown of the old master comes.
body() {
    case $event in
        +odown | +sdown) printf '[%s]' "$(alert "$event" $long)" ;;
        -odown | -sdown) printf '[%s]' "$(alert "+${event#-}" 0)" ;;
        +switch-master) printf '[%s,%s,%s]' "$(alert "$event" $short)" "$(alert +odown 0)" "$(alert +sdown 0)" ;;
        *) printf '[%s]' "$(alert "$event" $short)" ;;
    esac
}

# A second try may come when the master is long back; then nobody would end the alert.
is_outdated() {
    [ "$event" = +odown ] || return 1
    case $(order_self "SENTINEL MASTER $name" | sed -n '/^flags$/{n;p;q;}') in
        '' | *o_down*) return 1 ;;
    esac
}

if [ $# -ne 2 ]; then
    say "notify: wants EVENT DESCRIPTION"
    exit 2
fi
event=$1 description=$2
case " $events " in *" $event "*) ;; *) exit 0 ;; esac
[ "$alertmanagers" ] || exit 0
if ! has_client; then
    say "notify: no curl and no wget: $event is not sent"
    exit 2
fi
read_description $description
! is_outdated || exit 0

clock=$(date +%s)
payload=$(body)
jobs=''
for url in $alertmanagers; do
    post "${url%/}/api/v2/alerts" "$payload" &
    jobs="$jobs $!"
done
delivered=''
for job in $jobs; do
    wait "$job" && delivered=yes
done
[ -z "$delivered" ] || exit 0
say "notify: no Alertmanager took $event"
case $event in
    +switch-master | +odown | -odown | -failover-abort-*) exit 1 ;;
    *) exit 2 ;;
esac
