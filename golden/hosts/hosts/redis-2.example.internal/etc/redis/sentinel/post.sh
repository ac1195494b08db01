# shellcheck shell=sh
# Posts JSON with what the image has: curl, GNU wget, or the wget of busybox. Needs ask.sh for its time limit.

# post URL BODY: as an argument or, for curl and GNU wget, on stdin, because a URL may hold a password.
post() {
    if command -v curl >/dev/null; then
        printf 'url = "%s"\n' "$(printf '%s\n' "$1" | sed 's/[\\"]/\\&/g')" |
            within 5 curl --disable --globoff --silent --show-error --fail --output /dev/null \
                --header 'Content-Type: application/json' --data-binary "$2" --config -
    elif is_gnu_wget; then
        printf '%s\n' "$1" |
            within 5 wget --quiet --tries=1 --auth-no-challenge --output-document=/dev/null \
                --header='Content-Type: application/json' --post-data="$2" --input-file=-
    elif command -v wget >/dev/null; then
        within 5 wget -q -O /dev/null --header 'Content-Type: application/json' --post-data "$2" "$1" </dev/null
    else
        return 127
    fi
}

is_gnu_wget() {
    wget --version 2>/dev/null </dev/null | grep -q GNU
}

# The wget of busybox can take a URL as an argument only. For a secret one that is allowed where Sentinel is PID 1: whoever
# sees a command line of that container can read the file of the secret too. On a host any user could see it.
can_keep_url_secret() {
    command -v curl >/dev/null || is_gnu_wget || [ "$PPID" -eq 1 ]
}

has_client() {
    command -v curl >/dev/null || command -v wget >/dev/null
}

# json TEXT: for between two double quotes.
json() {
    printf '%s' "$1" | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g'
}

# timestamp SECONDS: as RFC 3339.
timestamp() {
    date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ
}
