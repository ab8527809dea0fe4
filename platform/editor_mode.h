/* The two ways to edit, and what they share: for platform/editor*.c alone. */
#ifndef DEN_PLATFORM_EDITOR_MODE_H
#define DEN_PLATFORM_EDITOR_MODE_H

#include <termios.h>

#include "platform/editor.h"
#include "platform/editor_keys.h"

enum { EDITOR_HELD = EDITOR_LINE + 1 };

/* ended: line(NULL) was called, nothing is read any more. suspended: others have the terminal. */
struct editor {
    const struct editor_mode *mode;
    struct editor_options options; /* prompt: owned */
    struct termios found;          /* the terminal's modes before us */
    bool hidden, ended, suspended;
    bool split; /* wanted: the lines have the lower rows */
    bool busy;  /* line() runs: nothing is shown before it returns */
    char *held; /* owned; plain: the line begun; screen: the secret begun. EDITOR_HELD bytes */
    size_t held_len;
    struct editor_keys keys;  /* screen's */
    struct editor_area *area; /* screen's */
    bool fresh;               /* plain's: the cursor stands behind the prompt */
};

struct editor_mode {
    bool (*open)(
        struct editor *e); /* false: this terminal can't be edited on so; nothing is left */
    void (*take)(struct editor *e, const char *bytes, size_t count); /* what was read */
    void (*print)(struct editor *e, const char *text, size_t len);
    void (*prompted)(struct editor *e); /* the prompt changed */
    void (*clear)(struct editor *e);
    char *(*text)(struct editor *e, size_t *cursor); /* as editor_line; not while hidden */
    void (*resized)(struct editor *e);
    void (*hide)(struct editor *e);  /* `hidden` changed */
    void (*split)(struct editor *e); /* to be done */
    void (*suspend)(struct editor *e);
    void (*resume)(struct editor *e, bool unasked); /* stopped without suspend */
    void (*close)(struct editor *e);
};

extern const struct editor_mode editor_plain;  /* the kernel's line mode, anywhere */
extern const struct editor_mode editor_screen; /* libedit */

/* Appends a byte to what is held; false if that is full. */
bool editor_hold(struct editor *e, char byte);
/* Calls line() with what is held, and wipes it. */
void editor_release(struct editor *e);
/* Says the end of input, once. */
void editor_end(struct editor *e);
#endif
