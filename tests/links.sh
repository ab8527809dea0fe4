#!/bin/sh
# tests/links.sh: which libraries the programs in $DEN_BUILD load. The server has no window, no pictures and no line editor.
set -u

# NAME PROGRAM PATTERN: the program loads no library that matches.
loads_none() {
    if [ ! -x "$DEN_BUILD/$2" ]; then
        echo "not ok $1 - $2 is not built"
        return
    fi
    found=$(readelf -d "$DEN_BUILD/$2" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -E "$3")
    [ -z "$found" ] && echo "ok $1" || echo "not ok $1 -" $found
}

loads_none dend_loads_no_jpeg_sdl_or_libedit dend 'jpeg|SDL|edit'
loads_none den_clip_loads_no_sdl_tls_or_libedit den-clip 'SDL|bearssl|edit|qrencode'
case $DEN_BUILD in
    *-nosdl*) loads_none den_without_sdl_loads_none den SDL ;;
esac
case $DEN_BUILD in
    *-noline*) loads_none den_without_line_loads_no_libedit den edit ;;
esac
case $DEN_BUILD in
    *-noqr*)
        loads_none den_without_qr_loads_no_libqrencode den qrencode
        loads_none dend_without_qr_loads_no_libqrencode dend qrencode
        ;;
esac
