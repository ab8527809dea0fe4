#!/bin/sh
# tests/layers.sh: directory = layer, and includes only go down. Checks every #include of platform/ and src/ against the
# table below, then proves on planted files that each rule bites. Prints one line a rule, as tests/run reads them.
set -u
cd "$(dirname "$0")/.." || exit 1

# FROM (a directory, or a file, which then counts alone) and the directories it may include besides its own.
allowed='
platform
platform/display        platform
src/base                platform
src/wire                platform base
src/crypto              platform base
src/video               platform platform/display base
src/net                 platform base wire crypto video
src/proto               platform base wire crypto video
src/player              platform platform/display base wire crypto video
src/server              platform base wire crypto video net proto
src/client              platform platform/display base wire crypto video net proto player
src/tools               platform base video
src/dend.c              platform base wire crypto video net proto server
src/den.c               platform platform/display base wire crypto video net proto player client
'
# platform/display.h belongs to platform/display; video/ may know it, for it fills the surfaces that a display lends.

# System headers that stay in one place: PATTERN, then where.
kept='
^(turbojpeg|jpeglib)\.h$    ^src/(player|tools)/
^(SDL2/)?SDL.*\.h$          ^platform/display/sdl(_texture)?\.c$
^qrencode\.h$               ^src/proto/qr\.c$
^avahi-.*/.*\.h$            ^platform/lan\.c$
^pthread\.h$                ^(platform|src/player)/
^sys/(select|socket)\.h$    ^(platform|src/net)/
'

# ROOT: prints "file:line: reason" for every include that breaks a rule.
violations() (
    cd "$1" || exit 1
    find platform src -name '*.[ch]' | sort | xargs grep -Hn '^[[:space:]]*#[[:space:]]*include' /dev/null |
        awk -v allowed="$allowed" -v kept="$kept" '
        BEGIN {
            n = split(allowed, line, "\n")
            for (i = 1; i <= n; i++) {
                k = split(line[i], word, " ")
                if (k) known[word[1]] = 1
                for (j = 2; j <= k; j++) may[word[1], word[j]] = 1
            }
            rules = split(kept, line, "\n")
            for (i = 1; i <= rules; i++) if (split(line[i], word, " ") == 2) { header[i] = word[1]; place[i] = word[2] }
        }
        {
            split($0, part, ":")
            file = part[1]
            where = file ":" part[2] ": "
            from = file; sub(/^platform\/display\.h$/, "platform/display/table", from)
            if (!(from in known)) sub(/\/[^\/]*$/, "", from)
            if (!(from in known)) { print where from " is no layer"; next }
            name = $0; sub(/^[^<"]*[<"]/, "", name); sub(/[>"].*/, "", name)
            dir = name; sub(/^platform\/display\.h$/, "platform/display/table", dir)
            if (!sub(/\/[^\/]*$/, "", dir)) dir = ""
            own = from; sub(/^src\//, "", own)
            if ($0 ~ /include[[:space:]]*"/) {
                if (dir != own && !((from, dir) in may)) print where from " must not include " name
            } else {
                if (("src/" dir) in known || dir in known) print where "ours is included by quotes: " name
                for (i in header) if (name ~ header[i] && file !~ place[i]) print where from " must not include " name
            }
        }'
)

found=$(violations .)
count=$(find platform src -name '*.[ch]' | xargs grep -h '^[[:space:]]*#[[:space:]]*include' /dev/null | grep -c .)
if [ -z "$found" ] && [ "$count" -gt 0 ]; then
    echo "ok includes_go_down"
else
    echo "not ok includes_go_down - $count includes; broken rules:"
    echo "$found"
fi

planted=$(mktemp -d) || exit 1
trap 'rm -rf "$planted"' EXIT

# NAME FILE INCLUDE: this include in this file must be found, and nothing else.
plant() {
    rm -rf "$planted/platform" "$planted/src"
    mkdir -p "$planted/platform" "$planted/src" "$(dirname "$planted/$2")"
    echo "#include $3" > "$planted/$2"
    case $(violations "$planted") in
        "$2:1: "*) echo "ok $1" ;;
        *) echo "not ok $1 - $3 in $2 was not found" ;;
    esac
}

plant platform_includes_nothing_of_ours platform/now.c '"base/buf.h"'
plant platform_knows_no_display platform/now.c '"platform/display/display.h"'
plant platform_knows_no_display_table platform/now.c '"platform/display.h"'
plant server_reaches_no_display_table src/server/room.c '"platform/display.h"'
plant includes_never_go_up src/base/buf.c '"wire/message.h"'
plant siblings_of_level_2_are_apart src/wire/message.c '"crypto/rsa.h"'
plant siblings_of_level_3_are_apart src/proto/hello.c '"net/link.h"'
plant siblings_of_level_4_are_apart src/server/room.c '"client/line.h"'
plant server_reaches_no_player src/server/room.c '"player/pacer.h"'
plant server_reaches_no_display src/server/room.c '"platform/display/display.h"'
plant dend_reaches_no_client src/dend.c '"client/line.h"'
plant tools_reach_no_crypto src/tools/den-clip.c '"crypto/rsa.h"'
plant include_names_its_layer src/base/buf.c '"buf.h"'
plant include_of_ours_has_quotes src/player/pacer.c '<net/link.h>'
plant unknown_directory_is_no_layer src/extra/a.c '<stdlib.h>'
plant turbojpeg_only_in_player_and_tools src/video/scan.c '<turbojpeg.h>'
plant sdl_only_in_its_display platform/display/kms.c '<SDL2/SDL.h>'
plant qrencode_only_in_one_file src/client/trust.c '<qrencode.h>'
plant threads_only_in_platform src/server/relay.c '<pthread.h>'
plant sockets_only_in_platform_and_net src/server/room.c '<sys/socket.h>'
