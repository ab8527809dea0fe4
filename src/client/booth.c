#include "client/booth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "client/client.h"

/* As the editor gives them. */
enum { LEFT = 'B' - 64, RIGHT = 'F' - 64, END = 'D' - 64, ENTER = '\r', NEWLINE = '\n' };

static const struct {
    uint32_t key;
    enum display_key meaning;
} keys[] = {
    {' ', DISPLAY_KEY_PAUSE}, {LEFT, DISPLAY_KEY_BACK}, {RIGHT, DISPLAY_KEY_FORWARD},
    {'i', DISPLAY_KEY_INFO},  {'q', DISPLAY_KEY_STOP},
};

static void full_prompt(const struct booth *b, char text[static BOOTH_SHOWN])
{
    const char *told = b->progress.text;

    snprintf(text, BOOTH_SHOWN, "%s%s%s%s%s", *told != 0 ? "[" : "", told, *told != 0 ? "] " : "",
             !b->display ? ""
             : b->mute   ? "[space <- -> q i]"
             : b->typing ? "[type] "
                         : "[space <- -> q i, Enter: type] ",
             b->prompt);
}

static void show_prompt(const struct booth *b)
{
    char text[BOOTH_SHOWN];

    full_prompt(b, text);
    console_prompt(b->console, text);
}

void booth_prompt(struct booth *b, const char *prompt)
{
    snprintf(b->prompt, sizeof b->prompt, "%s", prompt);
    show_prompt(b);
}

void booth_progress(struct booth *b)
{
    if (editor_stays(b->console->editor) && parcels_progress(&b->progress, b->client))
        show_prompt(b);
}

/* A window and nothing at all have no need of the terminal. */
static bool needs_terminal(const char *display)
{
    return display != NULL && strcmp(display, "sdl") != 0 && strcmp(display, "headless") != 0;
}

void booth_showing(struct booth *b, const char *display)
{
    bool was = b->display;

    b->display = needs_terminal(display);
    b->whole = b->display && strcmp(display, "tty") != 0;
    b->typing = false;
    if (b->display && b->mute)
        console_edit(b->console);
    if (b->display || was)
        show_prompt(b);
    console_split(b->console, display != NULL && strcmp(display, "tty") == 0);
}

static bool take(struct booth *b, bool typing)
{
    b->typing = typing;
    show_prompt(b);
    return true;
}

bool booth_key(struct booth *b, uint32_t key)
{
    if (!b->display)
        return false;
    if ((key == ENTER || key == NEWLINE) && !b->mute)
        return take(b, !b->typing);
    for (size_t i = 0; !b->typing && i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].key == key) {
            cinema_key(b->client, keys[i].meaning);
            return true;
        }
    }
    return b->mute && key != END;
}

void booth_line(struct booth *b)
{
    if (b->display && b->typing)
        take(b, false);
}

bool booth_print(void *owner, const char *text, size_t len)
{
    struct booth *b = owner;

    /* Only a terminal's lines can come onto a picture; of a piped den nothing stays in memory. */
    if (b->console->editor != NULL)
        kept_add(&b->kept, text, len, false);
    return console_print(b->console, text, len);
}

/* The last lines, each a string in copy. */
static void take_lines(const struct booth *b, char copy[static KEPT_LEAST + 1],
                       struct player_text *text)
{
    size_t len, n = 0;
    char *rest = NULL;
    const char *last = kept_last(&b->kept, PLAYER_TEXT_LINES, &len);

    memcpy(copy, last, len);
    copy[len] = 0;
    for (char *at = strtok_r(copy, "\n", &rest); at != NULL && n < PLAYER_TEXT_LINES;
         at = strtok_r(NULL, "\n", &rest)) {
        for (char *tab = at; (tab = strchr(tab, '\t')) != NULL;)
            *tab = ' ';
        text->lines[n++] = at;
    }
}

/* Bytes of the UTF-8 text before so many characters. */
static size_t bytes_of(const char *text, size_t characters)
{
    size_t at = 0;

    for (; text[at] != 0; at++) {
        if (((unsigned char)text[at] & 0xc0) != 0x80 && characters-- == 0)
            break;
    }
    return at;
}

/* A secret is not shown, its prompt is. */
static void write_on_picture(struct booth *b, const char *line, size_t cursor)
{
    char copy[KEPT_LEAST + 1], edited[BOOTH_SHOWN + PLAYER_TEXT_BYTES];
    struct player_text text = {.shown = true, .edited = edited};
    size_t skipped = bytes_of(line, cursor), before;

    /* What is far before the cursor would not be seen. */
    for (before = 0; skipped - before > PLAYER_TEXT_BYTES / 2;)
        before += bytes_of(line + before, 1);
    full_prompt(b, edited);
    text.cursor = strlen(edited) + skipped - before;
    snprintf(edited + strlen(edited), PLAYER_TEXT_BYTES, "%s", line + before);
    take_lines(b, copy, &text);
    cinema_text(b->client, &text);
    wipe(edited, sizeof edited);
}

void booth_after(struct booth *b)
{
    size_t cursor;
    char *line;

    if (!b->whole || b->bare || b->console->editor == NULL)
        return;
    line = editor_line(b->console->editor, &cursor);
    write_on_picture(b, line == NULL ? "" : line, line == NULL ? 0 : cursor);
    if (line != NULL)
        wipe(line, strlen(line));
    free(line);
}

void booth_close(struct booth *b)
{
    kept_free(&b->kept);
}
