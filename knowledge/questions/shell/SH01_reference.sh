#!/usr/bin/env bash
# Reference for SH01: fetch, train, check and publish a model, or leave everything as it was.
#
#   $ROOT/live            -> versions/<stamp>   the only name that readers know
#   $ROOT/versions/<stamp>/                     complete models, never changed afterwards
#   $ROOT/runs/run.XXXXXX/                      this run's own folder, on the same file system
#
# Exit: 0 published, 20 no export, 21 export unusable, 22 no model, 23 no score, 24 model too bad,
#       75 another run is busy, 129/130/143 told to stop, anything else a fault of this script.
set -euo pipefail
shopt -s nullglob
umask 022
export LC_ALL=C

: "${FETCH_CMD:?}" "${TRAIN_CMD:?}" "${EVAL_CMD:?}"
ROOT=${ROOT:-/srv/forecast}
FETCH_TRIES=${FETCH_TRIES:-10} FETCH_PAUSE=${FETCH_PAUSE:-5m} FETCH_LIMIT=${FETCH_LIMIT:-3m}
TRAIN_LIMIT=${TRAIN_LIMIT:-45m} EVAL_LIMIT=${EVAL_LIMIT:-10m} KILL_AFTER=${KILL_AFTER:-20s}
MIN_BYTES=${MIN_BYTES:-50000000} MIN_ROWS=${MIN_ROWS:-380000} MAX_ROWS=${MAX_ROWS:-420000}
WORSE_PERCENT=${WORSE_PERCENT:-5} # than the live model, on the same days
MAX_SCORE=${MAX_SCORE:-7.5}       # whatever the live model does: small steps down add up
KEEP=${KEEP:-7}
PING_CMD=${PING_CMD:-} # tells the monitoring that all went well; its silence pages somebody

work='' child='' step=start

log() { printf '%(%FT%T%z)T run=%s step=%s %s\n' -1 "$$" "$step" "$*"; }
die() {
    local status=$1
    shift
    log "FAILED: $*"
    exit "$status"
}

# In the background, because bash runs no trap before the command in the foreground has ended.
limited() {
    local limit=$1 status=0
    shift
    timeout --kill-after="$KILL_AFTER" "$limit" "$@" &
    child=$!
    wait "$child" || status=$?
    child=''
    return "$status"
}

finish() {
    local status=$?
    trap - EXIT
    trap '' HUP INT TERM # nothing interrupts the tidying
    if [[ -n $child ]]; then
        kill "$child" 2>/dev/null || true # timeout passes it on
        wait "$child" 2>/dev/null || true
    fi
    if [[ -n $work ]]; then rm -rf -- "$work"; fi
    log "end status=$status live=$(readlink -- "$ROOT/live" || echo none)"
    exit "$status"
}

fetch() {
    local try status
    for ((try = 1; try <= FETCH_TRIES; try++)); do
        rm -f -- "$work/export" "$work/export.info" # no half file of the last try
        status=0
        limited "$FETCH_LIMIT" "$FETCH_CMD" "$work/export" || status=$?
        if ((status == 0)) && complete; then return 0; fi
        log "try $try of $FETCH_TRIES gave no complete export, status $status"
        if ((try < FETCH_TRIES)); then limited 1h sleep "$FETCH_PAUSE"; fi
    done
    return 1
}

# Whether the file is what its sender wrote. The status of the download does not tell.
complete() {
    local rows sum
    [[ -s $work/export && -s $work/export.info ]] || return 1
    read -r rows sum <"$work/export.info" || return 1
    [[ $rows =~ ^[0-9]+$ ]] || return 1 # before it meets arithmetic, which would run it
    [[ $(wc -l <"$work/export") -eq $rows ]] || return 1
    printf '%s  %s\n' "$sum" "$work/export" | sha256sum --check --status
}

# Whether what the sender wrote makes sense. Another download would not help.
plausible() {
    local bytes rows newest
    bytes=$(stat -c %s -- "$work/export")
    rows=$(wc -l <"$work/export")
    newest=$(cut -d, -f1 "$work/export" | sort | tail -n 1)
    log "export bytes=$bytes rows=$rows newest=$newest"
    # noon, because "yesterday" at this hour does not exist on the day after the clocks changed
    ((bytes >= MIN_BYTES && rows >= MIN_ROWS && rows <= MAX_ROWS)) &&
        [[ ! $newest < ${EXPECT_DAY:-$(date -d 'yesterday 12:00' +%F)} ]]
}

# Print the one number that the command printed; anything else, nan included, is a failure.
evaluate() {
    limited "$EVAL_LIMIT" "$EVAL_CMD" "$1" "$work/export" >"$work/score" || return 1
    [[ $(<"$work/score") =~ ^[0-9]+(\.[0-9]+)?$ ]]
}

at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'; }

mkdir -p -- "$ROOT/versions" "$ROOT/runs"
exec 9>>"$ROOT/lock" # the kernel lets go when the last process of this run is gone, however it ended
if ! flock --nonblock 9; then
    log "another run is busy, process $(cat -- "$ROOT/lock")" >&2
    exit 75
fi
echo "$$" >"$ROOT/lock"
exec >>"$ROOT/retrain.log" 2>&1

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
rm -rf -- "$ROOT"/runs/run.* "$ROOT"/live.next # of a run that was killed; we hold the lock
work=$(mktemp -d -- "$ROOT/runs/run.XXXXXX")
log "begin live=$(readlink -- "$ROOT/live" || echo none)"

step=fetch
fetch || die 20 "no complete export after $FETCH_TRIES tries"

step=check
plausible || die 21 "the export is complete and implausible"

step=train
mkdir -- "$work/model"
limited "$TRAIN_LIMIT" "$TRAIN_CMD" "$work/export" "$work/model" || die 22 "training ended with status $?"
for file in weights scales; do
    [[ -s $work/model/$file ]] || die 22 "training left no $file"
done

step=evaluate
evaluate "$work/model" || die 23 "no score for the new model"
new=$(<"$work/score")
if [[ -L $ROOT/live ]]; then
    evaluate "$ROOT/live" || die 23 "no score for the live model"
    live=$(<"$work/score")
    limit=$(awk -v s="$live" -v p="$WORSE_PERCENT" 'BEGIN { print s * (1 + p / 100) }')
    log "score new=$new live=$live limit=$limit"
    at_most "$new" "$limit" || die 24 "new model $new is worse than the limit $limit"
fi
at_most "$new" "$MAX_SCORE" || die 24 "new model $new is worse than $MAX_SCORE"

step=publish
version=$(date -u +%Y%m%dT%H%M%S)-$$
printf 'score=%s\nexport=%s\n' "$new" "$(cat -- "$work/export.info")" >"$work/model/about"
sync -- "$work"/model/* "$work/model" # on the disk before a name leads to it
mv -T -- "$work/model" "$ROOT/versions/$version"
ln -s -- "versions/$version" "$ROOT/live.next"
sync -- "$ROOT/versions"
mv -T -- "$ROOT/live.next" "$ROOT/live" # rename(2): a reader finds the old one or the new one
log "published $version"

step=tidy
old=("$ROOT"/versions/*) # sorted by time, because the names are
for ((i = 0; i < ${#old[@]} - KEEP; i++)); do
    [[ ${old[i]} -ef $ROOT/live ]] || rm -rf -- "${old[i]}" # after going back, live may be old
done
if [[ -n $PING_CMD ]]; then limited 30s "$PING_CMD" || log "the monitoring could not be reached"; fi
