#!/bin/sh
# cross/sysroot.sh ARCH: what building Den for arm64, armhf or armel needs from Debian's archive, in build/sysroot/ARCH (or
# $DEN_SYSROOTS/ARCH). No root, nothing of this system is changed; done once, a second run has nothing to do.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
arch=${1:-}
[ $# = 1 ] && [ -r "$here/$arch.mk" ] || {
    echo "usage: $0 ARCH, which is one of: $(cd "$here" && echo *.mk | sed 's/\.mk//g')" >&2
    exit 2
}
place=${DEN_SYSROOTS:-$here/../build/sysroot}/$arch
packages="libc6-dev linux-libc-dev libbearssl-dev libturbojpeg0-dev libedit-dev libqrencode-dev libseccomp-dev libcmocka-dev libavahi-client-dev"
# SDL's headers want the headers of half a desktop; we use its own ones alone.
packages="$packages libsdl2-2.0-0 -- libsdl2-dev"
made="$(. /etc/os-release && echo "${VERSION_CODENAME:-}") $packages"

if [ -f "$place/made" ] && [ "$(cat "$place/made")" = "$made" ]; then
    echo "$0: $place is complete"
    exit 0
fi
rm -rf "$place" "$place.part"
mkdir -p "$place.part"
"$here/fetch.sh" "$arch" "$place.part" $packages
rm -rf "$place.part/usr/share/doc" "$place.part/usr/share/locale" "$place.part/usr/share/man"

# An absolute link would leave the sysroot.
find "$place.part" -type l -lname '/*' | while read -r link; do
    ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$place.part$(readlink "$link")")" "$link"
done
echo "$made" > "$place.part/made"
mv "$place.part" "$place"
echo "$0: $(du -sm "$place" | cut -f 1) MB in $place"
