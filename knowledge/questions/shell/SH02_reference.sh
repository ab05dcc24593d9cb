#!/usr/bin/env bash
# Reference for SH02: one night's run that leaves traces, and a check that reads them from elsewhere.
#
#   SH02_reference.sh run [DAY]       score the lots of DAY, by default of today in Colombo
#   SH02_reference.sh started|done    is tonight's run under way / finished? For the watcher.
#
# Traces in $STATE, which stands for the bucket: DAY.started, DAY.done, DAY.failed
# Exit of run: 0 done (or done before), 75 another run is busy, 20 job failed, 21 list implausible
# Exit of a check: 0 fine, 10 late, 11 failed, 12 missing
set -euo pipefail
export LC_ALL=C TZ='<+0530>-05:30' # Colombo has no summer time; the machine's own clock is UTC

STATE=${STATE:?} OUT=${OUT:-} JOB=${JOB:-score_lots}
LIMIT=${LIMIT:-9000} # seconds; the slowest good night took 8,400
MIN_ROWS=${MIN_ROWS:-2000}

now() { echo "${NOW:-$(date +%s)}"; } # NOW only for tests
today() { date -d "@$(now)" +%F; }
log() { printf '%s %s %s\n' "$(date -d "@$(now)" +%FT%T%z)" "$day" "$*"; }

note() { # at once or not at all, so that no watcher reads half a line
    printf '%s %s\n' "$(now)" "$2" >"$STATE/$day.$1.new"
    mv -- "$STATE/$day.$1.new" "$STATE/$day.$1"
}

fail() {
    note failed "$2"
    log "FAILED: $2"
    exit "$1"
}

run() {
    local status=0 rows list=$OUT/$day.new
    exec 9>>"$STATE/lock"
    flock --nonblock 9 || { log "another run is busy" && exit 75; }
    if [[ -e $STATE/$day.done ]]; then log "done before" && return 0; fi
    rm -f -- "$STATE/$day.failed" "$list"
    note started "pid=$$"
    timeout --kill-after=20 "$LIMIT" "$JOB" "$day" "$list" || status=$?
    ((status == 0)) || fail 20 "job ended with status $status"
    rows=$(wc -l <"$list") || fail 20 "job wrote no list"
    ((rows >= MIN_ROWS)) || fail 21 "only $rows lots"
    mv -- "$list" "$OUT/$day.csv"
    note "done" "rows=$rows"
    log "done rows=$rows"
}

check() {
    local began _
    if [[ -e $STATE/$day.done ]]; then log "fine: $(<"$STATE/$day.done")" && return 0; fi
    if [[ -e $STATE/$day.failed ]]; then log "FAILED: $(<"$STATE/$day.failed")" && return 11; fi
    if [[ ! -e $STATE/$day.started ]]; then log "MISSING: never started" && return 12; fi
    read -r began _ <"$STATE/$day.started"
    if (($(now) - began > LIMIT + 60)); then log "FAILED: died without a word" && return 11; fi
    if [[ $1 == started ]]; then log "fine: under way" && return 0; fi
    log "LATE: under way for $((($(now) - began) / 60)) minutes" && return 10
}

day=${2:-$(today)}
[[ $day =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] || { echo "not a day: $day" >&2 && exit 2; }
case ${1:-} in
    run) run ;;
    started | done) check "$1" ;;
    *) echo "usage: $0 run [DAY] | started | done" >&2 && exit 2 ;;
esac
