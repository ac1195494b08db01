#!/bin/sh
# What continuous integration and the pre-commit hook do. Run it yourself at any time:
#
#   ci/redisforge.sh check          every spec is valid, and what it renders is committed
#   ci/redisforge.sh diff BASE      what this does to running Redis, compared with the git revision BASE
#   ci/redisforge.sh hook           the same as check, for what is about to be committed
#   ci/redisforge.sh install DIR    gets the program into DIR, unless it is on the PATH already
#
# FORMAT   how `check` writes findings: human (default) or github
# LABELS   those of the pull request, with commas between: accept-recreate, accept-outage and accept-data-loss
#          each let `diff` pass up to that impact, the last one also if the specs of BASE have errors
# FAIL_ON  the impact from which on `diff` fails, instead: see `redisforge diff --help`; never
set -eu

specs=specs

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 2
}

check() {
    redisforge validate "$specs" --format "${FORMAT:-human}"
    redisforge render "$specs" --check --quiet && return
    say "run \`redisforge render $specs\` and commit what it changed"
    return 1
}

# The impact that is too much.
limit() {
    case ",${LABELS:-}," in
    *,accept-data-loss,*) echo never ;;
    *,accept-outage,*) echo data-loss ;;
    *,accept-recreate,*) echo outage ;;
    *) echo recreate ;;
    esac
}

compare() {
    base=$(git rev-parse --verify --quiet "$1^{commit}") ||
        fail "git knows no revision $1 here; fetch it, in CI with a depth of at least 2"
    if ! git cat-file -e "$base:$specs" 2>/dev/null; then
        publish "There are no specs in the revision to compare with, so nothing that runs can change."
        return
    fi
    limit=${FAIL_ON:-$(limit)}
    set -- redisforge diff "$specs" --against "git:$base" --format markdown
    [ "$limit" = never ] || set -- "$@" --fail-on "$limit"
    code=0
    report=$("$@") || code=$?
    [ -z "$report" ] || publish "$report"
    # Specs with errors render nothing to compare with; `check` judges those of now, those of BASE can only be accepted.
    if [ -z "$report" ] && [ "$code" = 1 ] && [ "$limit" = never ]; then
        publish "Nobody can tell what this does to running Redis: the specs of one of the two revisions have errors."
        return
    fi
    [ "$code" != 1 ] || say "stopped: an impact of $limit or worse, or an error; a label accept-IMPACT lets it pass"
    return "$code"
}

# Prints the report, and hands it to the workflow where there is one.
publish() {
    printf '%s\n' "$1"
    [ -z "${GITHUB_STEP_SUMMARY:-}" ] || printf '%s\n' "$1" >>"$GITHUB_STEP_SUMMARY"
    if [ -n "${GITHUB_OUTPUT:-}" ]; then
        # Nobody can guess the line that ends it, so no line of the report can.
        end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
        printf 'report<<%s\n%s\n%s\n' "$end" "$1" "$end" >>"$GITHUB_OUTPUT"
    fi
}

# The index, not the working tree: that is what is committed.
hook() {
    command -v redisforge >/dev/null ||
        fail "redisforge is not on the PATH; install it, or skip this check with git commit --no-verify"
    index=$(mktemp -d)
    trap 'rm -rf "$index"' EXIT
    git checkout-index --all --prefix="$index/"
    # Bases have to lie in the repository, so the copy is one.
    (
        unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_PREFIX
        git init --quiet "$index"
    )
    cd "$index"
    if [ -d "$specs" ]; then check; fi
}

install() {
    if command -v redisforge >/dev/null; then return; fi
    if [ -z "${REDISFORGE_URL:-}" ] || [ -z "${REDISFORGE_SHA256:-}" ]; then
        fail "redisforge is not on the PATH; set the CI variables REDISFORGE_URL (where to get it) and REDISFORGE_SHA256"
    fi
    mkdir -p "$1"
    curl --fail --silent --show-error --location --retry 3 --output "$1/redisforge.new" "$REDISFORGE_URL"
    printf '%s  %s\n' "$REDISFORGE_SHA256" "$1/redisforge.new" | sha256sum --check --quiet - || {
        rm -f "$1/redisforge.new"
        fail "what REDISFORGE_URL gives is not what REDISFORGE_SHA256 says"
    }
    chmod 755 "$1/redisforge.new"
    mv "$1/redisforge.new" "$1/redisforge"
}

usage() { sed -n '/^#   ci/s/^#   //p' "$0" >&2; }

root=$(dirname "$0")/..
case "$#:${1:-}" in
1:check) cd "$root" && check ;;
2:diff) cd "$root" && compare "$2" ;;
1:hook) cd "$root" && hook ;;
2:install) install "$2" ;;
*)
    usage
    exit 2
    ;;
esac
