# shellcheck shell=sh disable=SC2154
# How a start script waits: it answers SIGTERM, keeps live/waiting fresh for the liveness probe, and says why.

logged='' logged_at=0

answer_sigterm() {
    trap 'rm -f "$live/waiting"; exit 0' TERM INT
}

# note KEY=VALUE...: into the log at each change and every 30 s.
note() {
    clock=$(now)
    if [ "$*" != "$logged" ] || [ $((clock - logged_at)) -ge 30 ]; then
        say "$*"
        logged=$* logged_at=$clock
    fi
}

# In the background, because a shell looks at signals only after a command in the foreground.
rest() {
    echo "$logged" >"$live/waiting"
    sleep 1 &
    wait "$!"
}

# Reads evidence, prints who answered: `sentinels=2/3 peers=a:synced,b:silent`.
who_answered() {
    awk '
        $1 == "sentinel" { all++; if ($3 == "names") naming++; else if ($4 != "no-answer") odd = odd "," $2 ":" $4 }
        $1 == "data" { peers = peers "," $2 ":" ($3 == "replica" ? $6 : $3 == "silent" && $4 == "denied" ? $4 : $3) }
        END { print "sentinels=" naming + 0 "/" all + 0 odd, "peers=" substr(peers, 2) }'
}
