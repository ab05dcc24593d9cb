#!/usr/bin/env bash
# Frees disk space on a training host. Without --delete it only prints what it would do.
#
# A version may go when the registry calls it old, no link leads to it, it is finished, nobody reads it and it is none
# of the newest. It is first moved aside; what has lain aside for some days without being wanted again is removed.
# Status 0: enough is free or will be; 3: not enough; 65: an answer that cannot be trusted; 75: a switch is going on.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C

ROOT=${ROOT:-/srv/models}
WANT=${WANT:-400000000000} # bytes that shall be free
LIMIT=${LIMIT:-80}         # versions a night
NEWEST=${NEWEST:-2}        # of each district, whatever the registry says
ASIDE_DAYS=${ASIDE_DAYS:-3}
VERSION='^[0-9]{8}T[0-9]{4}$'

act=no
[[ ${1-} == --delete ]] && act=yes
declare -A keep known

log() { TZ=UTC0 printf '%(%FT%TZ)T %s\n' -1 "$*"; }
die() {
    log "STOP $2" >&2
    exit "$1"
}

# Sets `files`, those whose only name is in this folder, and `bytes`, what removing them gives back. The shared terrain
# counts for neither: it stays while another version has it, and fuser, which goes by inode, would find every version busy.
own_files() {
    local blocks file
    files=() bytes=0
    while read -r -d '' blocks file; do
        files+=("$file")
        bytes=$((bytes + blocks * 512))
    done < <(find -P "$1" -xdev -type f -links 1 -printf '%b %p\0')
}

# The registry's list ends with its number of lines, so that an empty or cut one is noticed.
read_registry() {
    local answer district version stage count=0 end=
    answer=$(registry_list) || die 65 "registry_list failed"
    while read -r district version stage; do
        [[ -z $end ]] || die 65 "the registry goes on behind its end"
        if [[ $district == end ]]; then
            end=$version
            continue
        fi
        [[ -n $stage ]] || die 65 "not a line of the registry: $district $version"
        count=$((count + 1))
        known[$district/$version]=$stage
        [[ $stage == old ]] || keep[$district/$version]=$stage # a word we do not know protects, too
        [[ $stage != live ]] || keep[$district]=live
    done <<<"$answer"
    [[ $end == "$count" && $count -gt 0 ]] || die 65 "the registry's list is not complete: $count lines, end '$end'"
}

# Links on this disk can be ahead of the registry; both protect.
read_links() {
    local link target version
    for link in "$ROOT"/*/*; do
        [[ -L $link ]] || continue
        target=$(readlink -e -- "$link") || die 65 "$link leads nowhere"
        [[ $target == */*/* ]] || die 65 "$link leads to $target"
        version=${target%/*}
        version=${version##*/}/${target##*/} # district and version
        keep[$version]=${link##*/}
    done
}

read_newest() {
    local place version left
    for place in "$ROOT"/*/; do
        place=${place%/}
        [[ -n ${keep[${place##*/}]-} ]] || die 65 "the registry has no live model for ${place##*/}"
        left=$NEWEST
        while read -r version; do
            ((left-- > 0)) || break
            : "${keep[${place##*/}/$version]:=newest}"
        done < <(versions "$place" | sort -r)
    done
}

# The finished versions of one district, by name.
versions() {
    local folder
    for folder in "$1"/*/; do
        folder=${folder%/}
        [[ ! -L $folder && -e $folder/READY && ${folder##*/} =~ $VERSION ]] || continue
        printf '%s\n' "${folder##*/}"
    done
}

# Lines "version district" that may go, oldest first.
candidates() {
    local place version
    for place in "$ROOT"/*/; do
        place=${place%/}
        while read -r version; do
            [[ -z ${keep[${place##*/}/$version]-} && -n ${known[${place##*/}/$version]-} ]] || continue
            printf '%s %s\n' "$version" "${place##*/}"
        done < <(versions "$place")
    done | sort
}

in_use() { ((${#files[@]} > 0)) && fuser -s -- "${files[@]}"; }

# What lies aside: put back what is wanted again, note what has waited long enough, count the bytes that will come.
clear_aside() {
    local folder moved district version now
    printf -v now '%(%s)T' -1
    coming=0 doomed=()
    for folder in "$ROOT"/.aside/*/; do
        folder=${folder%/}
        IFS=, read -r moved district version <<<"${folder##*/}"
        [[ $moved =~ ^[0-9]+$ && $version =~ $VERSION ]] || continue
        if [[ -n ${keep[$district/$version]-} ]]; then
            log "BACK $district/$version ${keep[$district/$version]}"
            [[ $act == no ]] || mv -nT -- "$folder" "$ROOT/$district/$version"
            continue
        fi
        own_files "$folder"
        if in_use; then
            log "BUSY $district/$version"
        else
            coming=$((coming + bytes))
            ((now - moved >= ASIDE_DAYS * 86400)) || continue
            log "REMOVE $district/$version $bytes"
            doomed+=("${folder##*/}")
        fi
    done
}

move_aside() {
    local free version district folder now moved=0
    printf -v now '%(%s)T' -1
    free=$(df --output=avail -B1 -- "$ROOT" | tail -n 1)
    free=$((free + coming))
    while ((free < WANT)) && read -r version district; do
        folder=$ROOT/$district/$version
        own_files "$folder"
        if in_use; then
            log "BUSY $district/$version"
            continue
        fi
        ((moved < LIMIT)) || break
        log "ASIDE $district/$version $bytes"
        [[ $act == no ]] || mv -nT -- "$folder" "$ROOT/.aside/$now,$district,$version"
        moved=$((moved + 1))
        free=$((free + bytes))
    done < <(candidates)
    log "END $moved versions aside, $free of $WANT bytes free or coming, act=$act"
    ((free >= WANT)) || status=3
}

# The slow part, when nobody has to wait for the lock any more: no link can be set to what lies aside. What is half
# removed after a power cut has a name under which it is never put back.
remove_doomed() {
    local name
    [[ $act == yes ]] || return 0
    for name in "${doomed[@]}"; do
        mv -nT -- "$ROOT/.aside/$name" "$ROOT/.aside/gone,$name"
    done
    rm -rf --one-file-system -- "${ROOT:?}"/.aside/gone,*
}

[[ -d $ROOT ]] || die 65 "no folder $ROOT"
command -v fuser >/dev/null || die 65 "no fuser" # without it everything would look unused; it needs root to see all
mkdir -p -- "$ROOT/.aside"
exec 9>>"$ROOT/.switch.lock" # switch_model takes the same one
flock -w 60 9 || die 75 "somebody is switching a model"
read_registry
read_links
read_newest
clear_aside
status=0
move_aside
exec 9>&-
remove_doomed
exit "$status"
