# shellcheck shell=sh disable=SC2154
# What may stand in the way of install.sh, which sources this: it asks everything and changes nothing.

check_account() {
    [ "$(id -u)" -eq 0 ] || fail "run it as root"
    uid=$(account passwd) gid=$(account group)
    if [ -z "$uid" ] || [ -z "$gid" ]; then
        fail "there is no user redis with a group redis: install the server's package, or" \
            "useradd --system --user-group --home-dir /var/lib/redis --shell /usr/sbin/nologin redis"
    fi
}

check_tree() {
    if [ -f "$root$installed" ] && [ "$(head -n 1 "$root$installed")" != "$identity" ]; then
        problem "this host has files of another tree, $(head -n 1 "$root$installed" | cut -c 3-): see $root$installed"
    fi
    for file in $(files); do
        if [ ! -f "$tree/$file" ]; then
            problem "the tree lacks $file: render it again"
        elif [ -d "$root/$file" ]; then
            problem "/$file is a directory"
        elif [ -e "$root/$file" ] && [ -z "$overwrite" ] && ! is_current "$file" && ! is_as_installed "$file"; then
            problem "/$file was edited or is not ours: compare it with $tree/$file, then --overwrite-edited"
        fi
    done
    for file in $(stale); do
        if [ -e "$root/$file" ] && [ -z "$overwrite" ] && ! is_as_installed "$file"; then
            problem "/$file is no longer part and was edited: --overwrite-edited removes it"
        fi
        unit=${file##*/}
        case $file in
            *.service)
                [ "$root" ] || ! is_used "$unit" ||
                    problem "$unit is no longer part of this host: systemctl disable --now $unit"
                ;;
        esac
    done
}

# can_read UID GID FILE. By its path, because the setpriv of busybox knows no users.
can_read() {
    /usr/bin/setpriv --reuid "$1" --regid "$2" --clear-groups test -r "$root$3"
}

check_expected() {
    while read -r kind file; do
        if [ -z "$file" ]; then
            continue
        elif [ ! -f "$root$file" ]; then
            problem "$file is missing"
        elif ! can_read "$uid" "$gid" "$file"; then
            problem "user redis cannot read $file: chgrp redis and chmod g+r, and g+x on the directories above"
        elif [ "$kind" = secret ] && can_read 65534 65534 "$file"; then
            problem "every user can read $file: chmod o-r"
        fi
    done <<END
$(expected)
END
}

check_programs() {
    while read -r program others; do
        for name in $program $others; do
            ! finds "$name" || continue 2
        done
        problem "cannot find $program: install it"
    done <<END
$(programs)
END
    found=$("$server" --version 2>/dev/null | sed -n 's/.*v=\([0-9]*\.[0-9]*\).*/\1/p')
    [ -z "$found" ] || [ "$(number "$found")" -ge "$(number "$version")" ] ||
        problem "$server is $found, older than the $version of the spec: update it, or change engine.version"
}

number() {
    echo $((${1%%.*} * 1000 + ${1#*.}))
}

is_used() {
    [ -d /run/systemd/system ] && { systemctl is-active --quiet "$1" || systemctl is-enabled --quiet "$1" 2>/dev/null; }
}

check_machine() {
    check_programs
    for unit in $(packaged); do
        is_file "etc/systemd/system/$unit.service" || ! is_used "$unit" ||
            problem "$unit.service of a package is in use: systemctl disable --now $unit.service"
    done
    if finds ip; then
        here=$(ip -o addr show | awk '{ sub("/.*", "", $4); print $4 }')
        for address in $(addresses); do
            printf '%s\n' "$here" | grep -Fqx -- "$address" || problem "this machine has no address $address: is it $host?"
        done
    fi
    # A process that cannot look up one of them reaches nobody there; one that finds itself at a loopback address calls itself down.
    for name in $(names); do
        found=$(getent ahosts "$name" | awk '{ print $1 }' | sort -u | tr '\n' ' ')
        case " $found" in
            ' ') problem "cannot look up $name: it needs a line in DNS or /etc/hosts" ;;
            *' 127.'* | *' ::1 '*)
                problem "$name is ${found% }here: the processes listen on its own address, so take the name from the line of 127.0.1.1 in /etc/hosts"
                ;;
        esac
    done
    if finds ss; then
        while read -r unit _ port; do
            is_active "$unit" || [ -z "$(ss -Hltn "sport = :$port")" ] || problem "port $port of $unit is in use: ss -ltnp"
        done <<END
$(units)
END
    fi
}
