# shellcheck shell=sh
# What a starting data node does, from evidence alone. decide_redis reads lines on stdin and prints
# `ROW ACTION TARGET VERDICT NEEDS`; it asks nobody and reads no clock and no other file. ACTION: master, replica of TARGET,
# hand-over through Sentinel TARGET, wait. Evidence, what is about the node itself first, then the lines of ask.sh:
#
#   node NAME                    seed NAME                  state NAME|none, the master that it knew last
#   copy current|old|none        age SECONDS, of the copy   elapsed SECONDS DECIDE WAIT
#   force                        cache-only

decide_redis() {
    weigh_evidence
    choose
    case $verdict in
        none) ;;
        "$node") verdict=me@$epoch ;;
        *) verdict=$verdict@$epoch ;;
    esac
    echo "$row $does $target $verdict $needs"
}

# Silence is counted and never taken for an answer.
# shellcheck disable=SC2086
weigh_evidence() {
    force='' cache_only='' copy=none age=0 state=none seed='' elapsed=0 decide_after=5 wait_over=60
    sentinels=0 naming=0 verdict=none epoch=-1 named_others='' failing_over='' late='' usable_sentinel='' verdict_of_leader=''
    silent='' masters='' synced='' fresh='' holders='' strangers='' follows='' offsets=''
    while read -r word first rest; do
        case $word in
            node) node=$first ;;
            seed) seed=$first ;;
            state) state=$first ;;
            copy) copy=$first ;;
            age) age=$first ;;
            elapsed) elapsed=$first decide_after=${rest% *} wait_over=${rest#* } ;;
            force) force=yes ;;
            cache-only) cache_only=yes ;;
            sentinel) weigh_sentinel "$first" $rest ;;
            data) weigh_peer "$first" $rest ;;
        esac
    done
    [ $((naming * 2)) -gt "$sentinels" ] || verdict=none
}

# weigh_sentinel NAME names NODE EPOCH FLAGS. The highest epoch outvotes the count: a stale Sentinel must not undo a failover.
# The leader of a failover names the old master at the new epoch until the failover ends, so at one epoch the others know better.
weigh_sentinel() {
    sentinels=$((sentinels + 1))
    [ "$2" = names ] || return 0
    naming=$((naming + 1))
    leads=''
    case $5 in *failover_in_progress*) failing_over=yes leads=yes ;; esac
    if [ "$4" -gt "$epoch" ] || { [ "$4" -eq "$epoch" ] && [ "$verdict_of_leader" ] && [ -z "$leads" ]; }; then
        epoch=$4 verdict=$3 verdict_of_leader=$leads
    elif [ "$4" -eq "$epoch" ] && [ "$3" != "$verdict" ] && [ "$leads" = "$verdict_of_leader" ]; then
        verdict=none
    fi
    [ "$3" = "$node" ] || named_others=yes
    case $3,$5 in "$node",*late*) late=yes ;; esac
    case $5 in
        *tilt* | *late*) ;;
        *ckquorum*) [ "$3" != "$node" ] || usable_sentinel=$1 ;;
    esac
}

# weigh_peer NAME ROLE OF HOLDS SYNCED LINK OFFSET
weigh_peer() {
    case $2 in
        silent) silent="$silent $1" && return ;;
        master) masters="$masters $1" ;;
    esac
    if [ "$4" = keys ]; then
        holders="$holders $1"
        follows="$follows $3"
        [ "$3" = "$node" ] || strangers="$strangers $1"
    fi
    if [ "$5" = synced ]; then
        synced="$synced $1"
        case " $offsets " in *" $2:$7 "*) ;; *) offsets="$offsets $2:$7" ;; esac
        ! missed_nothing "$6" || fresh="$fresh $1"
    fi
}

# The peer's link broke no earlier than the last write of this node's own copy.
missed_nothing() {
    case $1 in
        up) ;;
        syncing | never) [ "$copy" = none ] ;;
        *) [ "$copy" = none ] || [ "$1" -le $((age + 2)) ] ;;
    esac
}

# The first row that fits.
choose() {
    if [ "$force" ]; then
        act 0 master
    elif [ "$verdict" = none ]; then
        choose_without_verdict
    elif [ "$verdict" = "$node" ]; then
        choose_as_named_master
    else
        act 1 replica "$verdict"
    fi
}

choose_as_named_master() {
    if [ "$failing_over" ]; then
        act 2 wait - "the failover to end"
    elif [ "$fresh" ] && [ "$elapsed" -lt "$wait_over" ]; then
        hand_over_or_wait
    elif [ "$copy" = current ]; then
        act 4 master
    elif [ "$copy" = old ] && [ -z "$fresh" ] && { [ -z "$silent" ] || [ "$elapsed" -ge "$wait_over" ]; }; then
        act 5 master
    elif [ "$copy" = none ] && [ -z "$holders" ] && { [ -z "$silent" ] || may_ignore_silence; }; then
        act 6 master
    else
        act 7 wait - "$(missing)"
    fi
}

choose_without_verdict() {
    if one_master && everyone_follows_it; then
        act 8 replica "${masters# }"
    elif [ "$masters" ]; then
        act 9 wait - "one master instead of${masters}"
    elif [ "$state" = "$node" ] && best_copy && [ -z "$silent$strangers$named_others" ]; then
        act 10 master
    elif [ "$state" != none ] && [ "$state" != "$node" ] && [ "$elapsed" -ge "$decide_after" ]; then
        act 11 replica "$state"
    elif first_start && [ -z "$silent$holders$named_others" ]; then
        act 12 master
    elif [ "$copy $state" = "none none" ] && [ "$seed" != "$node" ] && [ "$elapsed" -ge "$decide_after" ]; then
        act 13 replica "$seed"
    else
        act 14 wait - "$(missing)"
    fi
}

act() {
    row=$1 does=$2 target=${3:--} needs=${4:-}
}

# A failover loses nothing only if the replicas are level, whichever of them Sentinel takes. One that is ordered needs no vote:
# beside one that the Sentinels are about to begin it would make a second master.
hand_over_or_wait() {
    if are_peers_level && [ "$usable_sentinel" ] && [ -z "$late" ]; then
        act 3 hand-over "$usable_sentinel"
    else
        act 3 wait - "a failover to one of$fresh"
    fi
}

are_peers_level() {
    case $offsets in *' '*' '* | *master:*) false ;; esac
}

may_ignore_silence() {
    [ "$cache_only" ] && [ "$elapsed" -ge "$wait_over" ]
}

one_master() {
    case $masters in '' | *' '*' '*) false ;; esac
}

# The master itself follows `-`.
everyone_follows_it() {
    for whom in $follows; do
        [ "$whom" = - ] || [ "$whom" = "${masters# }" ] || return 1
    done
}

best_copy() {
    [ "$copy" = current ] || { [ "$copy" = old ] && [ -z "$fresh" ]; }
}

first_start() {
    [ "$copy" = none ] && { [ "$state" = "$node" ] || [ "$state $seed" = "none $node" ]; }
}

missing() {
    if [ "$silent" ]; then
        echo "${silent# } to answer"
    elif [ $((naming * 2)) -le "$sentinels" ]; then
        echo "a majority of the Sentinels, or live/force-master"
    else
        echo "a failover, or live/force-master"
    fi
}
