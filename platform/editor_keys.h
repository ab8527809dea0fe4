/* What a terminal sends, byte by byte, as keys: UTF-8 characters, control characters and the editing
 * keys' escape sequences (ECMA-48 5.4, xterm, rxvt, Linux console). Anything else is swallowed
 * whole, so that an unknown key never leaves its tail in the line. */
#ifndef DEN_PLATFORM_EDITOR_KEYS_H
#define DEN_PLATFORM_EDITOR_KEYS_H

#include <stdbool.h>
#include <stdint.h>

/* Editing keys that have no control character: they take the places of C1, which are never read
 * from a terminal. */
enum editor_key {
    EDITOR_KEY_DELETE = 0x80,
    EDITOR_KEY_WORD_LEFT,
    EDITOR_KEY_WORD_RIGHT,
    EDITOR_KEY_WORD_DELETE,
    EDITOR_KEY_WORD_CAPITAL,
    EDITOR_KEY_WORD_LOWER,
    EDITOR_KEY_WORD_UPPER,
    EDITOR_KEY_OLDER, /* in the history, of those that begin as the line does */
    EDITOR_KEY_NEWER,
    EDITOR_KEY_END /* of this list */
};

/* Zeroed to begin with. */
struct editor_keys {
    enum {
        EDITOR_KEYS_GROUND,
        EDITOR_KEYS_UTF8,
        EDITOR_KEYS_ESC,
        EDITOR_KEYS_CSI,
        EDITOR_KEYS_SS3,
        EDITOR_KEYS_CONSOLE
    } state;
    uint32_t character, least; /* so far; the least that needs as many bytes */
    unsigned missing;          /* bytes of the character */
    unsigned parameter[2], parameters;
};

/* Takes a byte; true if it completes a key. Arrows and the like are given as their control
 * characters (Up is Ctrl-P). */
bool editor_keys_take(struct editor_keys *k, uint8_t byte, uint32_t *key);

#endif
