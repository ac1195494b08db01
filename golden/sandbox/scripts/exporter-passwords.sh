#!/bin/sh
# Writes the password map of redis_exporter for this process, or for the processes whose configuration directories are given.
# It knows a target by `SCHEME://HOST:PORT`, from 1.69 on with a user by `SCHEME://USER@HOST:PORT`; both are written.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154
set -uf

scripts=${0%/*}
[ "$scripts" != "$0" ] || scripts=.
[ $# -gt 0 ] || set -- "$scripts"

# load DIRECTORY
load() {
    here=$1
    for part in node secrets; do
        . "$scripts/$part.sh"
    done
}

# Prints `"TARGET": "PASSWORD"` lines for the process of a configuration directory.
entries() {
    load "$1"
    case "$acl $kind" in
        'yes '*) name=exporterPassword file=$exporter_password_file ;;
        *data) name=password file=$password_file ;;
        *) name=sentinelPassword file=$sentinel_password_file ;;
    esac
    [ "$file" ] || return 0
    secret=$(json_escaped "$name" "$file") || exit 1
    address=$(own_address)
    for target in "localhost:$port" "127.0.0.1:$port" ${address:+"${address% *}:${address#* }"}; do
        printf '"redis%s://%s": "%s"\n' "${tls:+s}" "$target" "$secret"
        [ -z "$acl" ] || printf '"redis%s://exporter@%s": "%s"\n' "${tls:+s}" "$target" "$secret"
    done
}

all_entries() {
    for directory in "$@"; do
        (entries "$directory") || exit 1
    done
}

lines=$(all_entries "$@") || exit 1
load "$1"
umask 027
printf '{\n%s\n}\n' "$(printf '%s\n' "$lines" | sed '$!s/$/,/')" >"$exporter_passwords_file.new" &&
    mv -f "$exporter_passwords_file.new" "$exporter_passwords_file"
