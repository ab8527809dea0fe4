/* The room from which a film is run where its display has no window and so no keyboard: there keys and
 * text are the terminal's.
 *
 * display   typing   who gets a key that comes while the line is empty
 * false     -        the line
 * true      false    the film, if it means something there; Enter: typing begins
 * true      true     the line, until it is sent or Enter comes while it is empty
 *
 * A line that is not empty gets all keys. The prompt tells which it is. Where the film takes the whole
 * screen, the line and those above it are written onto the picture. */
#ifndef DEN_CLIENT_BOOTH_H
#define DEN_CLIENT_BOOTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "client/console.h"
#include "client/parcels.h"
#include "platform/kept.h"

#define BOOTH_PROMPT (LIMIT_NAME + 32)
/* With what is told of the keys and of files on their way. */
#define BOOTH_SHOWN (BOOTH_PROMPT + 64 + REPORT_PARCEL_LINE)

struct client;

struct booth {
    struct client *client;
    struct console *console;
    bool display; /* a film is shown, on a display without keys of its own */
    bool typing;
    bool mute;                    /* nothing can be said: all keys are the film's */
    bool bare;                    /* nothing is written on the picture */
    bool whole;                   /* the display takes the whole screen */
    char prompt[BOOTH_PROMPT];    /* without what is told of the keys */
    struct parcels_line progress; /* of files; in front of the prompt */
    struct kept kept;             /* the last lines */
};

/* Prints on the console; as report.print. owner: the booth. */
bool booth_print(void *owner, const char *text, size_t len);
/* After each turn: what stands on the picture follows the line. */
void booth_after(struct booth *b);
/* After each turn: the prompt tells how far files are. */
void booth_progress(struct booth *b);
void booth_close(struct booth *b);
/* As client_hooks.showing. */
void booth_showing(struct booth *b, const char *display);
/* As editor_options.key. */
bool booth_key(struct booth *b, uint32_t key);
/* A line was entered. */
void booth_line(struct booth *b);
/* What the prompt is without a film. */
void booth_prompt(struct booth *b, const char *prompt);

#endif
