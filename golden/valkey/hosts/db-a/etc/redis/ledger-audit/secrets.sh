# shellcheck shell=sh disable=SC2154
# Secret files to configuration text. A secret's value is the file without its newlines at the end. It passes through builtins and
# stdin only, never through argv or the environment, and in hex, which no shell misreads. A refusal names the secret, never its value.

# secret_hex NAME FILE
secret_hex() {
    if [ ! -f "$2" ] || [ ! -r "$2" ]; then
        refuse "$1: cannot read $2"
    fi
    hex=$(od -An -v -tx1 <"$2" | tr -d ' \n')
    while :; do
        case $hex in
            *0a) hex=${hex%0a} ;;
            *) break ;;
        esac
    done
    [ "$hex" ] || refuse "$1: $2 is empty"
    # Redis answers a longer password with a protocol error.
    [ "$(printf %s "$hex" | wc -c)" -le 32768 ] || refuse "$1: $2 is longer than 16384 bytes"
    case " $(pairs)" in *' 00 '*) refuse "$1: $2 has a NUL byte" ;; esac
    printf %s "$hex"
}

# The bytes of $hex, a blank after each.
pairs() {
    printf '%s\n' "$hex" | sed 's/../& /g'
}

# quoted NAME FILE: for redis.conf and for redis-cli, every byte escaped.
quoted() {
    hex=$(secret_hex "$1" "$2") || exit 1
    printf '"%s"' "$(printf '%s\n' "$hex" | sed 's/../\\x&/g')"
}

# bare NAME FILE: for sentinel.conf. Sentinel rewrites such values without quotes and would not start again with another.
bare() {
    hex=$(secret_hex "$1" "$2") || exit 1
    case " $(pairs)" in
        *' 0'?' '* | *' 1'?' '* | *' 20 '* | *' 22 '* | *' 27 '* | *' 7f '*)
            refuse "$1: Sentinel cannot keep a blank, a control character or a quote; change $2"
            ;;
    esac
    tr -d '\n' <"$2"
}

# hashed NAME FILE: as a `user` line wants it.
hashed() {
    hex=$(secret_hex "$1" "$2") || exit 1
    head -c "$(($(printf %s "$hex" | wc -c) / 2))" "$2" | sha256sum | cut -c 1-64
}

# The `user` lines from the file `users`: NAME SECRETFILE on|off RULES.
user_lines() {
    while read -r name file switch rules; do
        hash=''
        if [ "$file" != - ]; then
            hash=$(hashed "password of user $name" "$file") || exit 1
            hash=" #$hash"
        fi
        printf 'user %s %s%s %s\n' "$name" "$switch" "$hash" "$rules"
    done <"$here/users" || exit 1
}

# The lines that log in to a data node, to a Sentinel: ready for the stdin of redis-cli.
auth_to_data() {
    if [ "$acl" ]; then
        login 'AUTH node' nodePassword "$node_password_file"
    elif [ "$password_file" ]; then
        login AUTH password "$password_file"
    fi
}

auth_to_sentinel() {
    if [ "$acl" ]; then
        login 'AUTH node' nodePassword "$node_password_file"
    elif [ "$sentinel_password_file" ]; then
        login AUTH sentinelPassword "$sentinel_password_file"
    fi
}

# login WORDS NAME FILE
login() {
    secret=$(quoted "$2" "$3") || exit 1
    printf '%s %s\n' "$1" "$secret"
}

# json_escaped NAME FILE: for between two double quotes; UTF-8 stays as it is.
json_escaped() {
    hex=$(secret_hex "$1" "$2") || exit 1
    printf '%b' "$(pairs | tr ' ' '\n' | awk '
        $0 == "" { next }
        { byte = 16 * index("123456789abcdef", substr($0, 1, 1)) + index("123456789abcdef", substr($0, 2, 1)) }
        byte < 32 || byte == 34 || byte == 92 || byte == 127 { printf "\\\\u%04x", byte; next }
        { printf "\\0%03o", byte }')"
}
