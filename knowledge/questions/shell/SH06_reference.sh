#!/usr/bin/env bash
# Reference for SH06: one model file on a fleet that must change over as one.
#
#   fleet.sh prepare VERSION   copy, verify and load on every host; the old version goes on answering
#   fleet.sh switch  VERSION   hosts that are not ready leave the search, all others change over
#   fleet.sh repair  VERSION   bring hosts that do not answer with VERSION up to it, and back into the search
#
# Each can be started again at any time: what a host has is asked of the host, never remembered here.
# Going back is switch with the previous VERSION, which every host keeps loaded.
# Exit: 0 all hosts, 3 some are missing but no more than allowed, 4 too few and nothing was switched,
# 5 too few after switching, 2 used wrongly, 1 anything else.
set -euo pipefail

HOSTS=${HOSTS:-hosts.txt}
RELEASES=${RELEASES:-releases}     # VERSION and VERSION.sha256, the sum made where the model was built
MODELS=${MODELS:-/srv/odjek/models} # on each host
NEED=${NEED:-190}
COPIES=${COPIES:-4} # at a time; each has its rate, and four fill our line
RATE=${RATE:-250m}  # bytes a second for one copy
SSH=${SSH:-ssh -o BatchMode=yes -o ConnectTimeout=5}
COPY=${COPY:-rsync --partial --inplace --bwlimit=$RATE}
export HOSTS RELEASES MODELS NEED COPIES RATE SSH COPY

say() { TZ=UTC printf '%(%FT%TZ)T %s\n' -1 "$*" >&2; }

on() { # HOST SECONDS CODE ARGUMENT...: a connection that opens may still hang later, hence the limit
    local host=$1 limit=$2 code=$3
    shift 3
    # shellcheck disable=SC2086
    timeout -k 5 "$limit" $SSH "$host" "$(printf '%q ' bash -c "set -eu; $code" remote "$MODELS" "$@")" </dev/null
}

intact='cd "$1"; test -f "$2"; echo "$4  $2" | sha256sum --check --status' # MODELS FILE VERSION SUM
room='cd "$1"; test "$(df --output=avail -B1 . | tail -n 1)" -gt "$2"'
publish='cd "$1"; sync "$2.part"; mv -T "$2.part" "$2"'
load='odjekctl loaded | grep -qxF "$2" || odjekctl load "$2" "$1/$2"'
ready='odjekctl loaded | grep -qxF "$2"'
answers='test "$(odjekctl version)" = "$2"'
# The link first: a host that restarts between the two lines comes up with the new version.
change='cd "$1"; ln -sfn "$2" current.new; mv -T current.new current; odjekctl use "$2"; test "$(odjekctl version)" = "$2"'

prepare_one() {
    local host=$1 version=$2 file=$RELEASES/$2 sum
    sum=$(cut -d' ' -f1 "$file.sha256")
    if ! on "$host" 120 "$intact" "$version" "$version" "$sum"; then
        on "$host" 20 "$room" "$(($(stat -c %s "$file") * 5 / 4))" || { echo "$host no-room-or-unreachable"; return; }
        # shellcheck disable=SC2086
        timeout -k 5 600 $COPY "$file" "$host:$MODELS/$version.part" </dev/null || { echo "$host copy"; return; }
        # The sum is taken on the host, of the stored file: neither status nor size proves what arrived.
        if ! on "$host" 120 "$intact" "$version.part" "$version" "$sum"; then
            on "$host" 20 'cd "$1"; rm -f "$2.part"' "$version" || true # do not resume on bad bytes
            echo "$host checksum"
            return
        fi
        on "$host" 60 "$publish" "$version" || { echo "$host publish"; return; }
    fi
    on "$host" 120 "$load" "$version" || { echo "$host load"; return; }
    echo "$host ok"
}

ready_one() { on "$1" 10 "$ready" "$2" && echo "$1 ok" || echo "$1 not-ready"; }
answers_one() { on "$1" 10 "$answers" "$2" && echo "$1 ok" || echo "$1 other-version"; }
# Whoever hangs here answers with the old version until it is dropped: five seconds are allowed for all of it.
change_one() { on "$1" 4 "$change" "$2" && echo "$1 ok" || echo "$1 change"; }

each() { # FUNCTION VERSION AT-A-TIME, hosts on standard input; prints "HOST outcome"
    xargs -r -P "$3" -I{} bash "$0" one "$1" {} "$2"
}
good() { awk '$2 == "ok" { print $1 }' "$1"; }
bad() { awk '$2 != "ok" { print $1 }' "$1"; }

report() { # FILE WHAT: the counts, the names of the missing, and the verdict
    local all ok line
    all=$(wc -l <"$HOSTS") ok=$(good "$1" | wc -l)
    while read -r line; do say "$2: $line"; done < <(awk '$2 != "ok"' "$1" | sort)
    say "$2: $ok of $all"
    if ((ok == all)); then return 0; elif ((ok >= NEED)); then return 3; else return 4; fi
}

prepare() { each prepare_one "$1" "$COPIES" <"$HOSTS" >"$work/prepared" && report "$work/prepared" prepared; }

switch() {
    local version=$1 status=0
    each ready_one "$version" 50 <"$HOSTS" >"$work/ready"
    report "$work/ready" ready || status=$?
    ((status != 4)) || exit 4
    bad "$work/ready" | while read -r host; do front drop "$host" </dev/null; done # first out, then the change
    good "$work/ready" | each change_one "$version" 200 >"$work/changed"
    bad "$work/changed" | while read -r host; do front drop "$host" </dev/null; done
    bad "$work/ready" | sed 's/$/ not-ready/' >>"$work/changed"
    report "$work/changed" switched || status=$?
    if ((status == 4)); then say "too few hosts, consider: $0 switch with the previous version"; exit 5; fi
    return "$status"
}

repair() {
    local version=$1 status=0
    each answers_one "$version" 50 <"$HOSTS" >"$work/before"
    good "$work/before" >"$work/todo.good"
    (($(wc -l <"$work/todo.good") >= NEED)) || { say "the fleet is not on $version"; exit 4; }
    bad "$work/before" | each prepare_one "$version" "$COPIES" >"$work/prepared"
    good "$work/prepared" | each change_one "$version" 50 >"$work/changed"
    { cat "$work/todo.good"; good "$work/changed"; } | while read -r host; do front admit "$host" </dev/null; done
    { cat "$work/before"; cat "$work/changed"; } | awk '$2 == "ok" { print }' >"$work/after"
    { bad "$work/prepared"; bad "$work/changed"; } | sed 's/$/ still-out/' >>"$work/after"
    report "$work/after" repaired || status=$?
    return "$status"
}

case ${1:-} in
    one) shift && "$@" ;;
    prepare | switch | repair)
        [[ $# == 2 && $2 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ && -f $RELEASES/$2 && -f $RELEASES/$2.sha256 ]] || { sed -n '4,6s/^# *//p' "$0" >&2; exit 2; }
        exec 9>"$HOSTS.lock"
        flock -n 9 || { say "another run is at work"; exit 1; }
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        "$@"
        ;;
    *) sed -n '4,6s/^# *//p' "$0" >&2; exit 2 ;;
esac
