#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "platform/editor_area.h"
#include "platform/editor_mode.h"
#include "platform/panes.h"

enum { RUN = 256, WORD = 256, COMPLETIONS = 1000, SECRET = 1024 };
enum {
    TAB = '\t',
    ENTER = '\r',
    NEWLINE = '\n',
    END = 'D' - 64,
    ERASE = 'H' - 64,
    KILL = 'U' - 64
};

static void redraw(struct editor *e)
{
    if (!e->busy && !e->suspended && !e->ended)
        editor_area_show(e->area);
    editor_area_flush(e->area);
}

static bool screen_open(struct editor *e)
{
    e->area = editor_area_open(EDITOR_HISTORY, e->options.panes);
    if (e->area == NULL)
        return false;
    editor_area_prompt(e->area, e->options.prompt);
    redraw(e);
    return true;
}

static void hold_character(struct editor *e, wchar_t c)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t n = wcrtomb(bytes, c, &state);

    for (size_t i = 0; n != (size_t)-1 && i < n; i++)
        editor_hold(e, bytes[i]);
}

static void finish(struct editor *e)
{
    const struct editor_options *o = &e->options;
    size_t count;
    const wchar_t *line = editor_area_line(e->area, &count);

    if (!e->hidden) {
        for (size_t i = 0; i < count; i++)
            hold_character(e, line[i]);
        e->held[e->held_len] = '\0';
        if (count > 0 && (o->remember == NULL || o->remember(o->owner, e->held)))
            editor_area_remember(e->area, e->held);
    }
    editor_area_leave(e->area, "");
    editor_area_flush(e->area);
    editor_release(e);
    redraw(e);
}

static void end(struct editor *e)
{
    editor_area_leave(e->area, "");
    editor_area_flush(e->area);
    editor_end(e);
}

static bool take_enter_or_end(struct editor *e, uint32_t key, bool empty)
{
    if (key == ENTER || key == NEWLINE)
        finish(e);
    else if (key == END && empty)
        end(e);
    else
        return false;
    return true;
}

static bool writes(uint32_t key)
{
    return key >= ' ' && key != 0x7f && (key < EDITOR_KEY_DELETE || key >= EDITOR_KEY_END);
}

static void take_secret(struct editor *e, uint32_t key)
{
    if (take_enter_or_end(e, key, e->held_len == 0))
        return;
    if (key == KILL)
        e->held_len = 0;
    else if (writes(key) && e->held_len < SECRET)
        hold_character(e, (wchar_t)key);
    else if ((key == ERASE || key == 0x7f) && e->held_len > 0) {
        do
            e->held_len--;
        while (e->held_len > 0 && ((unsigned char)e->held[e->held_len] & 0xc0) == 0x80);
    }
}

/* The word before the cursor in UTF-8: its characters' count; false if it is too long. */
static bool word_before(struct editor *e, char word[static WORD], size_t *characters)
{
    size_t count, begin, len = 0;
    const wchar_t *line = editor_area_before(e->area, &count);
    mbstate_t state = {0};

    for (begin = count; begin > 0 && line[begin - 1] != L' '; begin--)
        continue;
    *characters = count - begin;
    for (; begin < count && len + MB_LEN_MAX < WORD; begin++)
        len += wcrtomb(word + len, line[begin], &state);
    word[len] = '\0';
    return begin == count;
}

/* What all completions begin with; returns their number. */
static size_t common_of(struct editor *e, const char *word, char common[static WORD])
{
    const struct editor_options *o = &e->options;
    const char *found;
    size_t n, len;

    common[0] = '\0';
    for (n = 0; n < COMPLETIONS && (found = o->complete(o->owner, word, n)) != NULL; n++) {
        if (n == 0)
            snprintf(common, WORD, "%s", found);
        for (len = 0; common[len] != '\0' && common[len] == found[len]; len++)
            continue;
        common[len] = '\0';
    }
    return n;
}

static void list(struct editor *e, const char *word)
{
    const struct editor_options *o = &e->options;
    const char *found;

    editor_area_hide(e->area);
    for (size_t n = 0; n < COMPLETIONS && (found = o->complete(o->owner, word, n)) != NULL; n++) {
        if (n > 0)
            editor_area_write(e->area, "  ", 2);
        editor_area_write(e->area, found, strlen(found));
    }
    editor_area_write(e->area, "\n", 1);
    editor_area_show(e->area);
}

static void complete(struct editor *e)
{
    char word[WORD], common[WORD];
    wchar_t wide[WORD + 1];
    size_t characters, n, len;

    n = e->options.complete != NULL && word_before(e, word, &characters)
            ? common_of(e, word, common)
            : 0;
    len = n > 0 ? mbstowcs(wide, common, WORD) : (size_t)-1;
    if (len == (size_t)-1) {
        editor_area_beep(e->area);
    } else if (n > 1 && len <= characters) {
        list(e, word);
    } else {
        if (n == 1)
            wide[len++] = L' ';
        wide[len] = L'\0';
        editor_area_replace(e->area, characters, wide);
    }
}

static void take_command(struct editor *e, uint32_t key)
{
    size_t count;

    editor_area_line(e->area, &count);
    if (take_enter_or_end(e, key, count == 0))
        return;
    if (key == TAB)
        complete(e);
    else
        editor_area_command(e->area, key);
}

/* Characters that come together are inserted together, so that a paste is drawn once. */
struct run {
    wchar_t text[RUN];
    size_t count;
};

static void insert(struct editor *e, struct run *run)
{
    if (run->count > 0 && !editor_area_insert(e->area, run->text, run->count))
        editor_area_beep(e->area);
    run->count = 0;
}

/* Whether it is none of the line's. */
static bool given_away(struct editor *e, const struct run *run, uint32_t key)
{
    size_t count;

    editor_area_line(e->area, &count);
    return e->options.key != NULL && count == 0 && run->count == 0 &&
           e->options.key(e->options.owner, key);
}

static void take_key(struct editor *e, struct run *run, uint32_t key)
{
    if (e->hidden) {
        take_secret(e, key);
    } else if (writes(key)) {
        if (run->count == RUN)
            insert(e, run);
        run->text[run->count++] = (wchar_t)key;
    } else {
        insert(e, run);
        take_command(e, key);
    }
}

static void screen_take(struct editor *e, const char *bytes, size_t count)
{
    struct run run = {.count = 0};
    bool pasted = count > 1 && bytes[0] >= ' ' && bytes[1] >= ' ' && bytes[1] != bytes[0];
    uint32_t key;

    editor_area_resize(e->area);
    for (size_t i = 0; i < count && !e->ended; i++) {
        if (!editor_keys_take(&e->keys, (uint8_t)bytes[i], &key))
            continue;
        if (!e->hidden && !pasted && given_away(e, &run, key))
            continue;
        /* With a character right behind it, it is a paste's. */
        take_key(e, &run, key == TAB && i + 1 < count && bytes[i + 1] >= ' ' ? ' ' : key);
    }
    if (!e->ended)
        insert(e, &run);
    explicit_bzero(&run, sizeof run);
    editor_area_flush(e->area);
}

static void screen_print(struct editor *e, const char *text, size_t len)
{
    editor_area_hide(e->area);
    editor_area_write(e->area, text, len);
    redraw(e);
}

static void screen_prompted(struct editor *e)
{
    editor_area_hide(e->area);
    editor_area_prompt(e->area, e->options.prompt);
    redraw(e);
}

static char *screen_text(struct editor *e, size_t *cursor)
{
    return editor_area_text(e->area, cursor);
}

static void screen_clear(struct editor *e)
{
    editor_area_leave(e->area, "^C");
    redraw(e);
}

/* The rows are erased and the cursor is where the line may begin. */
static void again(struct editor *e)
{
    editor_area_forget(e->area);
    redraw(e);
}

static void screen_resized(struct editor *e)
{
    if (panes_are_split(e->options.panes)) {
        panes_fit(e->options.panes);
        again(e);
        return;
    }
    editor_area_resize(e->area);
    editor_area_flush(e->area);
}

static void screen_split(struct editor *e)
{
    editor_area_hide(e->area);
    editor_area_flush(e->area);
    if (e->split)
        panes_split(e->options.panes);
    else
        panes_join(e->options.panes);
    redraw(e);
}

static void screen_hide(struct editor *e)
{
    editor_area_hide(e->area);
    editor_area_leave(e->area, "");
    redraw(e);
}

static void screen_suspend(struct editor *e)
{
    editor_area_hide(e->area);
    editor_area_flush(e->area);
    panes_join(e->options.panes);
    editor_area_cook(e->area, true);
}

static void screen_resume(struct editor *e, bool unasked)
{
    if (unasked && panes_are_split(e->options.panes))
        panes_fit(e->options.panes);
    else if (unasked)
        editor_area_lose(e->area);
    editor_area_forget(e->area);
    if (e->split)
        panes_split(e->options.panes);
    editor_area_cook(e->area, true); /* what libedit believes may be outdated */
    editor_area_cook(e->area, false);
    redraw(e);
}

static void screen_close(struct editor *e)
{
    if (editor_area_blank(e->area)) /* no line that the shell's prompt must keep away from */
        editor_area_hide(e->area);
    else
        editor_area_leave(e->area, "");
    editor_area_flush(e->area);
    editor_area_close(e->area);
    e->area = NULL;
}

const struct editor_mode editor_screen = {
    .open = screen_open,
    .take = screen_take,
    .print = screen_print,
    .prompted = screen_prompted,
    .clear = screen_clear,
    .text = screen_text,
    .resized = screen_resized,
    .hide = screen_hide,
    .split = screen_split,
    .suspend = screen_suspend,
    .resume = screen_resume,
    .close = screen_close,
};
