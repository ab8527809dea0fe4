#include "client/booth.h"

#include <stdio.h>
#include <string.h>

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

static void show_prompt(const struct booth *b)
{
    char text[BOOTH_PROMPT + 64];

    snprintf(text, sizeof text, "%s%s",
             !b->display ? ""
             : b->mute   ? "[space <- -> q i]"
             : b->typing ? "[type] "
                         : "[space <- -> q i, Enter: type] ",
             b->prompt);
    console_prompt(b->console, text);
}

void booth_prompt(struct booth *b, const char *prompt)
{
    snprintf(b->prompt, sizeof b->prompt, "%s", prompt);
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
