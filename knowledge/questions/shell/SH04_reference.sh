#!/usr/bin/env bash
# Reference for SH04: release a version of the address model step by step, or leave the old one in charge.
#
#   release.sh VERSION    try it, give it growing shares, go back by itself or put it in charge
#   release.sh --return   finish what a dead release left behind; also run at every boot
#
#   $ROOT/live    the version in charge, changed by one rename at the very end
#   $ROOT/trial   "NEW OLD" from before the first start until the end; whoever finds it cleans up
#   $ROOT/log     what was said, also when nobody listens any more
#
# Exit: 0 in charge (or nothing left to do), 10 refused before any customer saw it, 20 gone back,
#       30 could not go back: a person is needed now, 75 another release is running, 64 used wrongly.
set -euo pipefail
export LC_ALL=C

ROOT=${ROOT:-/srv/adres}
STEPS=${STEPS:-5 25 100}       # percent
ENOUGH=${ENOUGH:-1200}         # requests to the new version in each step
POLL=${POLL:-30} LOOKS=${LOOKS:-60} # seconds between two looks, and how many a step may take
READY_LOOKS=${READY_LOOKS:-40} READY_POLL=${READY_POLL:-3}
LIMIT=${LIMIT:-20}             # seconds for any command
MAX_OFF=${MAX_OFF:-4}          # of 200 samples
MIN_ERRORS=${MIN_ERRORS:-10} ERRORS_TIMES=${ERRORS_TIMES:-3}
UNKNOWN_PERCENT=${UNKNOWN_PERCENT:-150} # of what the old version shows
SICK_PERCENT=${SICK_PERCENT:-2} # errors of the old version, above which nothing can be judged
DRAIN=${DRAIN:-3}              # seconds until requests under way have ended
KEEP_OLD=${KEEP_OLD:-1800}     # seconds during which the old version stays ready
PAGE=${PAGE:-}

new='' old='' phase=idle

log() {
    local line
    printf -v line '%(%FT%T%z)T %s new=%s %s' -1 "$phase" "${new:--}" "$*"
    echo "$line" >>"$ROOT/log"
    echo "$line" 2>/dev/null || true
}
die() {
    local status=$1
    shift
    log "$*"
    exit "$status"
}
call() { timeout --kill-after=5 "$LIMIT" "$@" </dev/null 9>&-; }

# Three whole numbers, or it is no answer. Sets requests, errors, unknown.
read_counts() {
    local line
    line=$(call counts "$1") || return 1
    [[ $line =~ ^([0-9]+)\ ([0-9]+)\ ([0-9]+)$ ]] || return 1
    requests=$((10#${BASH_REMATCH[1]})) errors=$((10#${BASH_REMATCH[2]})) unknown=$((10#${BASH_REMATCH[3]}))
}

# Traffic first. Only a version that gets no requests may be stopped.
go_back() {
    local try
    for try in 1 2 3 4 5; do
        if call share "$new" 0 "$old"; then
            sleep "$DRAIN"
            call stop "$new" || log "new version gets nothing, but does not stop"
            rm -f -- "$ROOT/trial"
            log "gone back to $old"
            return 0
        fi
        log "way back failed, try $try"
        sleep "$READY_POLL"
    done
    log "NOT GONE BACK: $new may still get requests"
    if [[ $PAGE ]]; then "$PAGE" "release $new: cannot go back to $old" || true; fi
    return 1
}

on_exit() {
    local status=$?
    trap '' EXIT HUP INT TERM # a second Ctrl-C must not interrupt the way back
    case $phase in
        trial) if go_back; then ((status == 10)) || status=20; else status=30; fi ;;
        released) ((status == 0)) || log "in charge; the old version $old may still be running" ;;
    esac
    exit "$status"
}

recover() {
    [[ -e $ROOT/trial ]] || return 0
    read -r new old <"$ROOT/trial" || true
    [[ $new && $old ]] || die 30 "trial file cannot be read"
    if [[ $(<"$ROOT/live") == "$new" ]]; then # died after the rename: it is in charge, only the rest is missing
        call share "$new" 100 "$old" || die 30 "cannot give all requests to $new"
        sleep "$DRAIN"
        call stop "$old" || log "old version $old does not stop"
        rm -f -- "$ROOT/trial"
        log "finished an earlier release"
    else
        log "an earlier release died"
        go_back || exit 30
    fi
    new='' old=''
}

# Everything that can be known without a customer.
prepare() {
    local try off
    call start "$new" || die 10 "does not start"
    for ((try = 1; ; try++)); do
        call ready "$new" && break
        ((try < READY_LOOKS)) || die 10 "not ready in time"
        sleep "$READY_POLL"
    done
    off=$(call samples "$new") || die 10 "samples fail"
    [[ $off =~ ^[0-9]+$ ]] || die 10 "samples say '$off'"
    ((10#$off <= MAX_OFF)) || die 10 "$off samples are off"
}

# Sets said to ok, more or a reason, from what new (n, errors, unknown) and old (o, ...) answered since the step began.
verdict() {
    local n=$1 ne=$2 nu=$3 o=$4 oe=$5 ou=$6
    if ((n < 0 || ne < 0 || nu < 0 || o < 0 || oe < 0 || ou < 0)); then
        said="restarted"
    elif ((oe >= MIN_ERRORS && oe * 100 > SICK_PERCENT * o)); then
        said="nothing can be judged: the old version fails too"
    elif ((ne >= MIN_ERRORS && ne * o > ERRORS_TIMES * oe * n)); then
        said="errors"
    elif ((n < ENOUGH || o == 0)); then
        said="more"
    elif ((nu * o * 100 > UNKNOWN_PERCENT * ou * n)); then
        said="unknown addresses"
    else
        said="ok"
    fi
}

# Base of comparison: the old version in the same minutes; at 100 percent, what it did in the step before.
hold() {
    local percent=$1 look said n0 ne0 nu0 o0 oe0 ou0 n ne nu
    read_counts "$new" || die 20 "no counts of the new version"
    n0=$requests ne0=$errors nu0=$unknown
    read_counts "$old" || die 20 "no counts of the old version"
    o0=$requests oe0=$errors ou0=$unknown
    call share "$new" "$percent" "$old" || die 20 "share $percent fails"
    for ((look = 1; look <= LOOKS; look++)); do
        sleep "$POLL"
        call ready "$new" || die 20 "at $percent percent: not ready any more"
        read_counts "$new" || die 20 "at $percent percent: no counts of the new version"
        n=$((requests - n0)) ne=$((errors - ne0)) nu=$((unknown - nu0))
        if ((percent < 100)); then
            read_counts "$old" || die 20 "at $percent percent: no counts of the old version"
            base=("$((requests - o0))" "$((errors - oe0))" "$((unknown - ou0))")
        fi
        verdict "$n" "$ne" "$nu" "${base[@]}"
        case $said in
            ok)
                log "percent=$percent requests=$n errors=$ne unknown=$nu old=${base[*]}"
                return 0
                ;;
            more) ;;
            *) die 20 "at $percent percent: $said; requests=$n errors=$ne unknown=$nu old=${base[*]}" ;;
        esac
    done
    die 20 "at $percent percent: too few requests to judge"
}

(($# == 1)) && [[ $1 == --return || $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || {
    sed -n '4,5s/^# *//p' "$0" >&2
    exit 64
}
exec 9>>"$ROOT/lock"
flock -n 9 || die 75 "another release is running"
recover
[[ $1 != --return ]] || exit 0

new=$1
old=$(<"$ROOT/live")
[[ $new != "$old" ]] || die 0 "is in charge already"
printf '%s %s\n' "$new" "$old" >"$ROOT/trial.tmp"
sync -- "$ROOT/trial.tmp"
mv -f -- "$ROOT/trial.tmp" "$ROOT/trial" # before anything happens that it would have to undo
phase=trial
trap '' PIPE # a log line to a connection that is gone must not end anything
trap on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

prepare
base=()
for percent in $STEPS; do hold "$percent"; done
printf '%s\n' "$new" >"$ROOT/live.tmp"
sync -- "$ROOT/live.tmp"
mv -f -- "$ROOT/live.tmp" "$ROOT/live"
phase=released
log "in charge, $old stays ready for $KEEP_OLD seconds"
sleep "$KEEP_OLD"
call stop "$old" || die 0 "old version $old does not stop"
rm -f -- "$ROOT/trial"
