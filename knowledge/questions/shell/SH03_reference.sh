#!/usr/bin/env bash
# Reference for SH03: three questions to an access log, with what every Linux machine has.
#
#   logs.sh slow    FILE...             per route: requests, p50 and p95 in ms, seconds in all
#   logs.sh bursts  FILE...             stretches of minutes with many errors of the service
#   logs.sh callers FROM TO FILE...     who asked in these minutes, and who an hour before
#
# FROM and TO are minutes as in the log, 2026-03-14T04:07, both included. A FILE may end in .gz.
# A line: 2026-03-14T04:07:12.345Z till-0417-2 POST /v1/stations/0417/restock?fuel=ai95 200 1.9s
# Exit: 0 answered, 2 used wrongly, 3 too much of the input cannot be read, 1 a file cannot be read.
set -euo pipefail
export LC_ALL=C # bytes, a point in 1.9, and sort is several times faster

BURST=${BURST:-50} # errors a minute; a usual minute has three at most
SHIFT=${SHIFT:-60} # the minutes to compare with lie so many minutes earlier
MAX_BAD=${MAX_BAD:-1} # percent of lines

read_logs() {
    local file
    for file in "$@"; do
        case $file in
            *.gz) gzip -dc -- "$file" || return 1 ;; # a torn file must not look like a quiet day
            *) cat -- "$file" || return 1 ;;
        esac
    done
}

# What all three have in common. Nothing here is kept per line, only what is counted.
common='
    function readable() {
        return NF == 6 && $1 ~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:/ &&
            $4 ~ /^\// && $5 ~ /^[1-5][0-9][0-9]$/ && $6 ~ /^[0-9]+(\.[0-9]+)?(ms|s)$/
    }
    function milliseconds(text) { return int(text * (text ~ /ms$/ ? 1 : 1000) + 0.5) }
    function route(path,   parts, n, i, name) {
        sub(/\?.*/, "", path)
        n = split(path, parts, "/")
        for (i = 2; i <= n; i++) name = name "/" (parts[i] ~ /^[0-9]/ ? "N" : parts[i])
        return name
    }
    function minute(time,   y, m, days) { # a number, so that neighbours differ by one, over midnight too
        y = substr(time, 1, 4) + 0
        m = substr(time, 6, 2) + 0
        if (m < 3) { y--; m += 12 }
        days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m - 457) / 5) + substr(time, 9, 2)
        return days * 1440 + substr(time, 12, 2) * 60 + substr(time, 15, 2)
    }
    function report() { # the sum that shows that nothing was lost on the way
        printf "lines=%d unreadable=%d\n", NR, bad | "cat >&2"
        close("cat >&2")
        if (NR == 0 || bad * 100 > NR * max_bad) exit 3
    }
    NR % 1000 == 1 { delete seen } # remembered routes of the last thousand lines; ids are endless
    !readable() { bad++; if (bad <= 3) printf "unreadable, line %d: %.120s\n", NR, $0 | "cat >&2"; next }
'

slow() {
    # Each pair of route and milliseconds is counted, so the sort sees thousands of lines, not millions.
    read_logs "$@" | awk -v max_bad="$MAX_BAD" "$common"'
        { if (!($4 in seen)) seen[$4] = route($4); count[seen[$4] " " milliseconds($6)]++ }
        END { report(); for (key in count) print key, count[key] }
    ' | sort -k1,1 -k2,2n | awk '
        function flush() {
            if (name == "") return
            for (i = 1; i <= n; i++) { cum += much[i]; if (!p50 && cum * 2 >= all) p50 = i
                if (!p95 && cum * 100 >= all * 95) p95 = i }
            printf "%-32s %9d %7d %7d %12.3f\n", name, all, ms[p50], ms[p95], spent / 1000
            n = all = spent = cum = p50 = p95 = 0
        }
        $1 != name { flush(); name = $1 }
        { ms[++n] = $2; much[n] = $3; all += $3; spent += $2 * $3 }
        END { flush() }
    ' | sort -k5,5nr -k1,1
}

bursts() {
    # The minutes are sorted, because a line is written when its request ends.
    read_logs "$@" | awk -v max_bad="$MAX_BAD" "$common"'
        { m = substr($1, 1, 16); all[m]++; if ($5 >= 500) errors[m]++ }
        END { report(); for (m in all) print m, minute(m), errors[m] + 0, all[m] }
    ' | sort -k1,1 | awk -v limit="$BURST" '
        function flush() { if (from != "") print from, to, errors, all, worst; from = "" }
        $3 < limit { flush(); next }
        from != "" && $2 != last + 1 { flush() }
        from == "" { from = $1; errors = all = worst = 0 }
        { to = $1; last = $2; errors += $3; all += $4; if ($3 > worst) worst = $3 }
        END { flush() }
    '
}

callers() {
    local from=$1 to=$2
    shift 2
    # All tills are one caller. What grew stands on top, and not what had the most errors.
    read_logs "$@" | awk -v max_bad="$MAX_BAD" -v from="$from" -v to="$to" -v shift="$SHIFT" "$common"'
        BEGIN { first = minute(from); last = minute(to) }
        {
            m = substr($1, 1, 16)
            if (!(m in number)) number[m] = minute(m)
            m = number[m]
            during = m >= first && m <= last
            if (!during && (m < first - shift || m > last - shift)) next
            who = $2
            sub(/-[0-9].*/, "", who)
            known[who]
            if (during) { now[who]++; if ($5 >= 500) errors[who]++ }
            if (m >= first - shift && m <= last - shift) before[who]++
        }
        END { report(); for (who in known) print who, now[who] + 0, before[who] + 0, now[who] - before[who], errors[who] + 0 }
    ' | sort -k4,4nr -k1,1
}

usage() {
    sed -n '4,6s/^# *//p' "$0" >&2
    exit 2
}

minute_like='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$'
case ${1:-} in
    slow | bursts) (($# >= 2)) || usage ;;
    callers) (($# >= 4)) && [[ $2 =~ $minute_like && $3 =~ $minute_like && ! $3 < $2 ]] || usage ;;
    *) usage ;;
esac
"$@"
