#include "platform/editor_keys.h"

#include <stddef.h>

enum { ESC = 0x1b, PARAMETER_MAX = 9999 };
enum { BEGIN = 'A' - 64, LEFT = 'B' - 64, DELETE_WORD = 'W' - 64, LAST = 'E' - 64 };
enum { RIGHT = 'F' - 64, DOWN = 'N' - 64, UP = 'P' - 64 };

struct meaning {
    unsigned code;
    uint32_t key;
};

static const struct meaning plain[] = {
    {'A', UP}, {'B', DOWN}, {'C', RIGHT}, {'D', LEFT}, {'H', BEGIN}, {'F', LAST}, {0, 0},
};
static const struct meaning modified[] = {
    {'C', EDITOR_KEY_WORD_RIGHT},
    {'D', EDITOR_KEY_WORD_LEFT},
    {'A', UP},
    {'B', DOWN},
    {'H', BEGIN},
    {'F', LAST},
    {0, 0},
};
static const struct meaning numbered[] = {
    {1, BEGIN}, {7, BEGIN}, {4, LAST}, {8, LAST}, {3, EDITOR_KEY_DELETE}, {0, 0},
};
static const struct meaning meta[] = {
    {'b', EDITOR_KEY_WORD_LEFT},
    {'f', EDITOR_KEY_WORD_RIGHT},
    {'d', EDITOR_KEY_WORD_DELETE},
    {'c', EDITOR_KEY_WORD_CAPITAL},
    {'l', EDITOR_KEY_WORD_LOWER},
    {'u', EDITOR_KEY_WORD_UPPER},
    {'p', EDITOR_KEY_OLDER},
    {'n', EDITOR_KEY_NEWER},
    {0x7f, DELETE_WORD},
    {0x08, DELETE_WORD},
    {0, 0},
};

static bool look_up(const struct meaning *table, unsigned code, uint32_t *key)
{
    for (; table->code != 0; table++) {
        if (table->code == code) {
            *key = table->key;
            return true;
        }
    }
    return false;
}

static bool take_ground(struct editor_keys *k, uint8_t byte, uint32_t *key)
{
    static const uint32_t least[] = {0x80, 0x800, 0x10000};

    k->state = EDITOR_KEYS_GROUND;
    if (byte == ESC) {
        k->state = EDITOR_KEYS_ESC;
        return false;
    }
    if (byte < 0x80) {
        *key = byte;
        return true;
    }
    if (byte < 0xc2 || byte > 0xf4)
        return false;
    k->missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    k->least = least[k->missing - 1];
    k->character = byte & (0x3fu >> k->missing);
    k->state = EDITOR_KEYS_UTF8;
    return false;
}

static bool take_utf8(struct editor_keys *k, uint8_t byte, uint32_t *key)
{
    if ((byte & 0xc0) != 0x80)
        return take_ground(k, byte, key); /* what was begun is lost, this byte is not */
    k->character = k->character << 6 | (byte & 0x3fu);
    if (--k->missing > 0)
        return false;
    k->state = EDITOR_KEYS_GROUND;
    *key = k->character;
    /* U+0080 to U+009F are controls, and taken: see enum editor_key. */
    return *key >= k->least && *key >= 0xa0 && *key <= 0x10ffff && (*key < 0xd800 || *key > 0xdfff);
}

static bool take_escape(struct editor_keys *k, uint8_t byte, uint32_t *key)
{
    if (byte == '[') {
        k->state = EDITOR_KEYS_CSI;
        k->parameter[0] = k->parameter[1] = k->parameters = 0;
        return false;
    }
    if (byte == 'O') {
        k->state = EDITOR_KEYS_SS3;
        return false;
    }
    if (byte == '\r' || byte == '\n' || byte == ESC || byte >= 0x80)
        return take_ground(k, byte, key);
    k->state = EDITOR_KEYS_GROUND;
    return look_up(meta, byte, key);
}

static void take_parameter(struct editor_keys *k, uint8_t byte)
{
    unsigned *now = k->parameters < 2 ? &k->parameter[k->parameters] : NULL;

    if (byte == ';')
        k->parameters++;
    else if (byte >= '0' && byte <= '9' && now != NULL && *now < PARAMETER_MAX)
        *now = *now * 10 + byte - '0';
}

static bool take_csi(struct editor_keys *k, uint8_t byte, uint32_t *key)
{
    if (byte < 0x20 || byte > 0x7e)
        return take_ground(k, byte, key);
    if (byte < 0x40) {
        take_parameter(k, byte);
        return false;
    }
    if (byte == '[' && k->parameter[0] == 0 && k->parameters == 0) {
        k->state = EDITOR_KEYS_CONSOLE; /* the Linux console's F1 to F5: ESC [ [ A */
        return false;
    }
    k->state = EDITOR_KEYS_GROUND;
    if (byte == '~')
        return look_up(numbered, k->parameter[0], key);
    return look_up(k->parameter[1] > 1 ? modified : plain, byte, key);
}

bool editor_keys_take(struct editor_keys *k, uint8_t byte, uint32_t *key)
{
    switch (k->state) {
    case EDITOR_KEYS_UTF8:
        return take_utf8(k, byte, key);
    case EDITOR_KEYS_ESC:
        return take_escape(k, byte, key);
    case EDITOR_KEYS_CSI:
        return take_csi(k, byte, key);
    case EDITOR_KEYS_SS3:
        if (byte < 0x20 || byte > 0x7e)
            return take_ground(k, byte, key);
        k->state = EDITOR_KEYS_GROUND;
        return look_up(plain, byte, key);
    case EDITOR_KEYS_CONSOLE:
        k->state = EDITOR_KEYS_GROUND;
        return false;
    case EDITOR_KEYS_GROUND:
        break;
    }
    return take_ground(k, byte, key);
}
