#!/bin/sh
# cross/fetch.sh ARCH PLACE [PACKAGE...] [-- NAME...]: unpacks the Debian PACKAGEs of another architecture, and all that
# they depend on, into PLACE; each NAME alone, without what it depends on. NAME+ is what a metapackage depends on first,
# NAME++ what that depends on first.
#
# apt works in a directory of its own here: no root, and nothing of this system is changed. Release and archive are this
# system's, or DEN_MIRROR=URI for the archive. FETCH_ONLY="GLOB..." unpacks only files that fit.
set -eu

say() { echo "$0: $*" >&2; }
fail() { say "$@"; exit 1; }

[ $# -ge 3 ] || fail "usage: $0 ARCH PLACE [PACKAGE...] [-- NAME...]"
arch=$1 place=$2
shift 2
for tool in apt-get apt-cache apt-config dpkg-deb tar; do
    command -v $tool >/dev/null || fail "there is no $tool: this works on Debian and its descendants only"
done
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$release" ] || fail "/etc/os-release has no VERSION_CODENAME: which Debian release is this?"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/etc/preferences.d" "$work/alone"
: > "$work/status"

# The archives that this system itself would ask, if they are Debian's own.
sources() {
    if [ -n "${DEN_MIRROR:-}" ]; then
        echo "$DEN_MIRROR $release"
    else
        apt-get update --print-uris 2>/dev/null | sed -n "s|^'\(.*\)/dists/\($release[a-z-]*\)/InRelease'.*|\1 \2|p" |
            grep -v '/linux/' | grep -E '/(debian|debian-security|raspbian)/? '
    fi
}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keys ] && signed=" signed-by=$keys" || signed=
sources | sed "s|^|deb [arch=$arch$signed] |; s|\$| main|" > "$work/etc/sources.list"
[ -s "$work/etc/sources.list" ] || fail "apt knows no Debian archive for $release here: DEN_MIRROR=http://... names one"

# How to reach the archive (a proxy, say) is this system's matter; its hooks and its preferences are not.
{
    apt-config dump Acquire | grep -v '^Acquire::IndexTargets'
    cat <<END
APT::Architecture "$arch";
#clear APT::Architectures;
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$work";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc::parts "/nowhere";
Dir::Etc::main "/nowhere";
Dir::Etc::sourcelist "$work/etc/sources.list";
Dir::Etc::sourceparts "/nowhere";
Dir::Etc::preferences "/nowhere";
Dir::Etc::preferencesparts "/nowhere";
END
} > "$work/apt.conf"
export APT_CONFIG="$work/apt.conf"

quietly() { # WHAT COMMAND...: what it says is of interest only when it fails
    what=$1
    shift
    "$@" </dev/null >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$what failed"; }
}

say "asking for the packages of $release for $arch"
# While a mirror takes in a new security archive, its indexes and its signature differ, for minutes or hours.
if ! apt-get update -q </dev/null >"$work/log" 2>&1; then
    grep '^E:' "$work/log" >&2 || cat "$work/log" >&2
    say "trying without updates and security fixes, for $release itself may be whole"
    sed -i "/ $release main\$/!d" "$work/etc/sources.list"
    quietly "apt-get update" apt-get update -q
fi
whole=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    whole="$whole $1"
    shift
done
[ $# = 0 ] || shift
[ -z "$whole" ] || quietly "downloading$whole" apt-get install -q -y --download-only $whole
for name in "$@"; do
    follow=${name##*[!+]}
    name=${name%"$follow"}
    while [ -n "$follow" ]; do
        name=$(apt-cache depends --no-recommends --no-suggests "$name" | sed -n 's/^ *Depends: //p' | head -n 1)
        follow=${follow#+}
    done
    # where it ends up in the working directory
    (cd "$work/alone" && quietly "downloading $name" apt-get download -q "$name")
done

set -- "$work"/cache/archives/*.deb "$work"/alone/*.deb
say "unpacking $(ls -d "$@" 2>/dev/null | wc -l) packages into $place"
# Packages may name a directory by way of a link that dpkg would have followed: keep those links.
mkdir -p "$place/usr/lib" "$place/usr/bin" "$place/usr/sbin"
for link in lib bin sbin; do
    [ -e "$place/$link" ] || ln -s "usr/$link" "$place/$link"
done
set -f # a pattern is tar's, not the shell's
only=${FETCH_ONLY:+--wildcards --no-anchored $FETCH_ONLY}
set +f
for deb in "$@"; do
    [ -e "$deb" ] || continue
    set -f
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$place" --keep-directory-symlink --no-same-owner $only 2>"$work/log" ||
        { [ -n "$only" ] && grep -q 'Not found in archive' "$work/log"; } || { cat "$work/log" >&2; fail "unpacking failed: $deb"; }
    set +f
done
