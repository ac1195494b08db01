# shellcheck shell=sh
# Which node a starting Sentinel monitors for one master, from evidence alone. decide_sentinel reads lines on stdin and prints
# `ROW ACTION NODE EPOCH NEEDS`; it asks nobody and reads no file. ACTION: monitor or wait. Evidence: the lines of ask.sh about
# the other Sentinels and the data nodes, and
#
#   state NODE EPOCH     what this Sentinel monitored last; no line when it never did

# shellcheck disable=SC2086
decide_sentinel() {
    state='' epoch=0 others=0 named='' newest='' nodes=0 masters='' follows=''
    while read -r word first rest; do
        case $word in
            state) state=$first state_epoch=$rest ;;
            sentinel) hear_sentinel $rest ;;
            data) hear_node "$first" $rest ;;
        esac
    done
    choose_monitored
    echo "$row $does $monitored $epoch $needs"
}

# hear_sentinel names NODE EPOCH FLAGS
hear_sentinel() {
    others=$((others + 1))
    [ "$1" = names ] || return 0
    # The leader of a failover names the old master at the new epoch: taken over, nothing would ever outvote that.
    case $4 in *failover_in_progress*) return 0 ;; esac
    named="$named $2"
    if [ -z "$newest" ] || [ "$3" -gt "$epoch" ]; then
        epoch=$3 newest=$2
    elif [ "$3" -eq "$epoch" ] && [ "$2" != "$newest" ]; then
        newest=disputed
    fi
}

# hear_node NAME ROLE OF HOLDS SYNCED LINK OFFSET
hear_node() {
    nodes=$((nodes + 1))
    case "$2 ${4:-}" in
        master*) masters="$masters $1" ;;
        'replica keys') follows="$follows $3" ;;
    esac
}

# The first row that fits. Never the seed by default: a guess would demote the last master to a stale seed.
choose_monitored() {
    if [ "$state" ]; then
        epoch=$state_epoch
        monitor a "$state"
    elif [ "$newest" ] && is_majority "$(count "$newest" "$named")" $((others + 1)); then
        monitor b "$newest"
    elif is_one "$masters"; then
        # At an equal epoch one stale Sentinel would win the fresh ones over.
        [ "$(count "${masters# }" "$named")" -eq "$(count_all "$named")" ] || epoch=$((epoch + 1))
        monitor c "${masters# }"
    elif [ "$masters" ]; then
        monitor_nothing "one master instead of$masters"
    elif candidate=$(followed_by_majority) && agrees "$candidate" "$named"; then
        monitor d "$candidate"
    elif candidate=${named# } candidate=${candidate%% *} && [ "$candidate" ] && agrees "$candidate" "$named$follows"; then
        monitor e "$candidate"
    else
        monitor_nothing "a master, a majority of the Sentinels, or live/force-master on a data node"
    fi
}

monitor() {
    row=$1 does=monitor monitored=$2 needs=''
}

monitor_nothing() {
    row=f does=wait monitored=- needs=$1
}

# Prints the node that a majority of the data nodes holds keys of and replicates.
followed_by_majority() {
    for whom in $follows; do
        [ "$whom" != unlisted ] && is_majority "$(count "$whom" "$follows")" "$nodes" && echo "$whom" && return
    done
    return 1
}

is_majority() {
    [ $(($1 * 2)) -gt "$2" ]
}

is_one() {
    case $1 in '' | *' '*' '*) false ;; esac
}

# agrees NODE LIST: the list names nobody else.
agrees() {
    [ "$(count "$1" "$2")" -eq "$(count_all "$2")" ]
}

count() {
    times=0
    for word in $2; do
        [ "$word" != "$1" ] || times=$((times + 1))
    done
    echo "$times"
}

count_all() {
    # shellcheck disable=SC2086
    set -- $1
    echo $#
}
