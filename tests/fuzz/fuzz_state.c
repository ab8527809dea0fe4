/* The text files of the state directories: contacts, known servers, bans, invitations, the reserved
 * number. What a
 * person may have edited is read or refused, and what is refused stays as it was.
 *
 * The first byte of the input says which file the rest is. */
#include <string.h>

#include "base/text.h"
#include "client/contacts.h"
#include "client/ids.h"
#include "client/pins.h"
#include "server/bans.h"
#include "server/invites.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/keys.h"
#include "tests/kit/scratch.h"

#define TEXT_LIMIT (1u << 18)

enum { CONTACTS, SERVERS, BANS, IDS, INVITES, FILES };

static const uint8_t server[SIZE_FINGERPRINT] = {5, 6, 7};

static bool contacts_again(const char *path)
{
    struct contacts c;
    bool good = contacts_open(&c, path) == ERR_OK;

    if (good) {
        FUZZ_HOLDS(c.count <= LIMIT_CONTACTS);
        contacts_meet(&c, server, "zoe", &keys_get(1)->public, false, 1700000000);
        FUZZ_HOLDS(contacts_save(&c) == ERR_OK);
    }
    contacts_close(&c);
    return good;
}

static bool servers_again(const char *path)
{
    struct pins p;
    bool good = pins_open(&p, path) == ERR_OK;

    if (good)
        FUZZ_HOLDS(pins_set(&p, "zoe.lan:7411", server) == ERR_OK);
    pins_close(&p);
    return good;
}

static bool bans_again(const char *path)
{
    struct bans b;
    const struct ban ban = {.fingerprint = {9, 9, 9}, .name = "zoe"};
    bool good = bans_open(&b, path) == ERR_OK;

    if (good) {
        enum err e = bans_add(&b, &ban);

        FUZZ_HOLDS(e == ERR_OK || e == ERR_EXISTS);
    }
    bans_close(&b);
    return good;
}

static bool ids_again(const char *path)
{
    struct ids ids;
    uint64_t first, second;
    bool good = ids_open(&ids, path) == ERR_OK && ids_next(&ids, 1000, &first) == ERR_OK;

    if (good)
        FUZZ_HOLDS(first >= 1000u << 20 &&
                   (ids_next(&ids, 0, &second) != ERR_OK || second > first));
    ids_close(&ids);
    return good;
}

static bool invites_again(const char *path)
{
    const uint8_t code[SIZE_INVITATION] = {1, 2, 3};
    struct invite one = {.until = 2000, .name = "zoe"};
    struct invites v;
    bool good = invites_open(&v, path) == ERR_OK;

    if (good) {
        enum err e;

        invitation_hash(one.hash, code);
        e = invites_find(&v, code, "zoe", server, 1000) != NULL ? ERR_EXISTS
                                                                : invites_add(&v, &one, 1000);
        FUZZ_HOLDS(e == ERR_OK || e == ERR_EXISTS || e == ERR_LIMIT);
        if (e == ERR_OK)
            FUZZ_HOLDS(invites_use(&v, invites_find(&v, code, "ZOE", server, 1000), server) ==
                       ERR_OK);
    }
    invites_close(&v);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static bool (*const again[FILES])(const char *path) = {contacts_again, servers_again,
                                                           bans_again, ids_again, invites_again};
    struct scratch s;
    char path[512];
    struct buf after;

    if (len < 1 || len > TEXT_LIMIT)
        return 0;
    scratch_make(&s);
    scratch_path(&s, "file", path);
    scratch_put(&s, "file", data + 1, len - 1);
    if (again[data[0] % FILES](path)) {
        /* What it wrote, it takes. */
        FUZZ_HOLDS(again[data[0] % FILES](path));
    } else {
        buf_init(&after, TEXT_LIMIT);
        scratch_get(&s, "file", &after);
        FUZZ_HOLDS(after.len == len - 1);
        FUZZ_HOLDS(after.len == 0 || memcmp(after.data, data + 1, after.len) == 0);
        buf_free(&after);
    }
    scratch_remove(&s);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    char key[2 * SIZE_SPKI + 1], room[2 * SIZE_FINGERPRINT + 1];
    struct buf out;

    text_hex(key, keys_get(2)->public.spki, SIZE_SPKI);
    text_hex(room, server, SIZE_FINGERPRINT);
    buf_init(&out, 8192);
    buf_printf(&out, "%cden contacts 1\n%s alice %s 1700000000 1700000001 v\n%s bob %s 1 2 -\n",
               CONTACTS + FILES, room, key, room, key);
    put(context, out.data, out.len);
    buf_clear(&out);
    buf_printf(&out, "%cden servers 1\npi.lan:7411 %s\n[::1]:1 %s\n", SERVERS, room, room);
    put(context, out.data, out.len);
    buf_clear(&out);
    buf_printf(&out, "%cden bans 1\n%s mallory\n", BANS, room);
    put(context, out.data, out.len);
    buf_clear(&out);
    buf_printf(&out, "%c1853070350745600000\n", IDS);
    put(context, out.data, out.len);
    buf_clear(&out);
    buf_printf(&out, "%cden invites 1\n1 %s 1700000000 * -\n7 %.62s00 1500 zoe SHA256:%s\n",
               INVITES, room, room, room);
    put(context, out.data, out.len);
    buf_free(&out);
}
