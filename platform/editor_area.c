#include "platform/editor_area.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

#include "platform/editor_mode.h"
#include "platform/editor_rows.h"
#include "platform/panes.h"
#include "platform/window.h"

enum { LINE_LIMIT = EDITOR_LINE / 4, PROMPT_LIMIT = 256 }; /* characters */
enum {
    CLEAR_SCREEN = 'L' - 64,
    TO_THE_END = 'E' - 64,
    KEY_RESET = EDITOR_KEY_END
}; /* of our own, bound to the functions below */

struct editor_area {
    EditLine *el;
    struct panes *panes; /* borrowed; may be NULL */
    History *history;
    FILE *screen; /* gathers in out, out_len until the flush */
    char *out;
    size_t out_len;
    FILE *nowhere; /* where libedit draws: with wide characters it loses its way */
    wchar_t prompt[PROMPT_LIMIT];
    bool shown, cooked;
    int width, above; /* shown: the window's, the rows above the cursor's */
    wint_t next;      /* the key that libedit may read; WEOF: none */
};

static const struct {
    const char *key, *command;
} bindings[] = {
    {"\\200", "ed-delete-next-char"},    {"\\201", "ed-prev-word"},
    {"\\202", "em-next-word"},           {"\\203", "em-delete-next-word"},
    {"\\204", "em-capitol-case"},        {"\\205", "em-lower-case"},
    {"\\206", "em-upper-case"},          {"\\207", "ed-search-prev-history"},
    {"\\210", "ed-search-next-history"}, {"\\211", "den-reset"},
    {"^R", "ed-search-prev-history"}, /* its own search would wait for keys */
    {"^D", "ed-delete-next-char"},       {"^W", "ed-delete-prev-word"},
};

/* CC_FATAL: nothing typed, no place in the history, nothing drawn. */
static unsigned char reset(EditLine *el, int key)
{
    (void)el;
    (void)key;
    return CC_FATAL;
}

static struct editor_area *owner(EditLine *el)
{
    void *a = NULL;

    el_get(el, EL_CLIENTDATA, &a);
    return a;
}

static int next_key(EditLine *el, wchar_t *c)
{
    struct editor_area *a = owner(el);

    if (a == NULL || a->next == WEOF)
        return 0;
    *c = (wchar_t)a->next;
    a->next = WEOF;
    return 1;
}

static void press(struct editor_area *a, uint32_t key)
{
    int count;

    a->next = key;
    el_wgets(a->el, &count);
    a->next = WEOF;
}

static struct editor_rows rows(const struct editor_area *a)
{
    const LineInfoW *line = el_wline(a->el);

    return (struct editor_rows){.prompt = a->prompt,
                                .prompt_count = wcslen(a->prompt),
                                .line = line->buffer,
                                .count = (size_t)(line->lastchar - line->buffer),
                                .cursor = (size_t)(line->cursor - line->buffer)};
}

static bool can_move_up(EditLine *el)
{
    const char *up = NULL;

    return el_get(el, EL_GETTC, "up", &up) == 0 && up != NULL && *up != '\0';
}

static bool prepare_history(struct editor_area *a, int count)
{
    HistEvent event;

    a->history = history_init();
    return a->history != NULL && history(a->history, &event, H_SETSIZE, count) >= 0 &&
           history(a->history, &event, H_SETUNIQUE, 1) >= 0 &&
           el_set(a->el, EL_HIST, history, a->history) >= 0;
}

static void prepare_keys(struct editor_area *a)
{
    el_set(a->el, EL_EDITOR, "emacs");
    el_wset(a->el, EL_ADDFN, L"den-reset", L"forget the line", reset);
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
        el_set(a->el, EL_BIND, bindings[i].key, bindings[i].command, NULL);
}

static bool prepare(struct editor_area *a, int count)
{
    a->screen = open_memstream(&a->out, &a->out_len);
    a->nowhere = fopen("/dev/null", "we");
    if (a->screen == NULL || a->nowhere == NULL)
        return false;
    a->el = el_init_fd("den", stdin, a->nowhere, a->nowhere, STDIN_FILENO, STDOUT_FILENO,
                       STDOUT_FILENO);
    if (a->el == NULL || !can_move_up(a->el))
        return false;
    el_set(a->el, EL_CLIENTDATA, a);
    el_wset(a->el, EL_GETCFN, next_key);
    el_set(a->el, EL_SIGNAL, 0);
    /* Ctrl-S would hold up the whole program. */
    el_set(a->el, EL_SETTY, "-d", "-ixon", NULL);
    prepare_keys(a);
    if (!prepare_history(a, count))
        return false;
    el_set(a->el, EL_UNBUFFERED, 1);
    return true;
}

struct editor_area *editor_area_open(int count, struct panes *panes)
{
    struct editor_area *a = window_moves() ? calloc(1, sizeof *a) : NULL;

    if (a == NULL)
        return NULL;
    a->next = WEOF;
    a->panes = panes;
    if (!prepare(a, count)) {
        editor_area_close(a);
        return NULL;
    }
    return a;
}

void editor_area_prompt(struct editor_area *a, const char *text)
{
    mbstate_t state = {0};

    if (mbsrtowcs(a->prompt, &text, PROMPT_LIMIT - 1, &state) == (size_t)-1)
        a->prompt[0] = L'\0';
}

/* After a resize: where it is not known, rather a rest of the line stays than a line above goes. */
static int above_after_resize(struct editor_area *a, const struct winsize *w)
{
    const struct editor_rows r = rows(a);
    int after = editor_rows_above(&r, w->ws_col);

    if (!window_reflows() && after > a->above)
        after = a->above;
    return after < w->ws_row ? after : w->ws_row - 1;
}

void editor_area_show(struct editor_area *a)
{
    const struct editor_rows r = rows(a);
    const struct winsize w = window_size(STDIN_FILENO);

    if (a->shown)
        return;
    a->shown = true;
    a->width = w.ws_col;
    a->above = editor_rows_draw(&r, w.ws_col, panes_rows(a->panes, w.ws_row), a->screen);
}

void editor_area_hide(struct editor_area *a)
{
    const struct winsize w = window_size(STDIN_FILENO);

    if (!a->shown)
        return;
    if (w.ws_col != a->width)
        a->above = above_after_resize(a, &w);
    if (a->above > 0)
        fprintf(a->screen, "\033[%dA", a->above);
    /* From the next row on and back, for tmux takes erasing from the very first cell on as a wish
     * to keep all that is erased in its history. */
    fputs("\r\033[K\0337\033[B\033[J\0338", a->screen);
    a->shown = false;
}

void editor_area_lose(struct editor_area *a)
{
    if (a->shown)
        fputc('\n', a->screen);
    a->shown = false;
}

void editor_area_forget(struct editor_area *a)
{
    a->shown = false;
}

void editor_area_resize(struct editor_area *a)
{
    if (a->shown && window_size(STDIN_FILENO).ws_col != a->width) {
        editor_area_hide(a);
        editor_area_show(a);
    }
}

static void clear_rows(struct editor_area *a)
{
    if (panes_are_split(a->panes))
        fprintf(a->screen, "\033[%d;1H\033[J", panes_top(a->panes));
    else
        fputs("\033[H\033[2J", a->screen);
}

static void change(struct editor_area *a, uint32_t key)
{
    editor_area_hide(a);
    if (key == CLEAR_SCREEN)
        clear_rows(a);
    else
        press(a, key);
    editor_area_show(a);
}

/* What is left standing is one of the lines above. */
static void keep(struct editor_area *a, const char *mark)
{
    const struct editor_rows r = rows(a);
    char *text = editor_rows_text(&r, mark);

    if (text == NULL)
        return;
    panes_keep(a->panes, text, strlen(text));
    panes_keep(a->panes, "\n", 1);
    explicit_bzero(text, strlen(text));
    free(text);
}

bool editor_area_blank(const struct editor_area *a)
{
    const struct editor_rows r = rows(a);

    return r.prompt_count + r.count == 0;
}

void editor_area_leave(struct editor_area *a, const char *mark)
{
    if (a->shown) {
        change(a, TO_THE_END);
        keep(a, mark);
        fprintf(a->screen, "%s\n", mark);
    }
    a->shown = false;
    if (a->cooked) { /* a key would make libedit take the terminal */
        el_cursor(a->el, (int)rows(a).count);
        el_deletestr(a->el, (int)rows(a).count);
    } else {
        press(a, KEY_RESET);
    }
}

bool editor_area_insert(struct editor_area *a, const wchar_t *text, size_t count)
{
    const LineInfoW *line = el_wline(a->el);
    wchar_t one[2] = {0};
    size_t i;

    editor_area_hide(a);
    for (i = 0; i < count && line->lastchar - line->buffer < LINE_LIMIT; i++) {
        one[0] = text[i];
        if (!iswprint((wint_t)text[i]) || wcwidth(text[i]) < 0)
            continue;
        if (el_winsertstr(a->el, one) != 0)
            break;
    }
    editor_area_show(a);
    return i == count;
}

void editor_area_command(struct editor_area *a, uint32_t key)
{
    static const char controls[] = "ABDEFHKLNPRTUWY";

    if (key == 0x7f || (key >= EDITOR_KEY_DELETE && key < EDITOR_KEY_END) ||
        (key > 0 && key < 0x20 && strchr(controls, (int)key + 64) != NULL))
        change(a, key);
}

void editor_area_replace(struct editor_area *a, size_t count, const wchar_t *text)
{
    editor_area_hide(a);
    el_deletestr(a->el, (int)count);
    editor_area_insert(a, text, wcslen(text));
}

void editor_area_beep(struct editor_area *a)
{
    fputc('\a', a->screen);
}

const wchar_t *editor_area_before(struct editor_area *a, size_t *count)
{
    const LineInfoW *line = el_wline(a->el);

    *count = (size_t)(line->cursor - line->buffer);
    return line->buffer;
}

char *editor_area_text(struct editor_area *a, size_t *cursor)
{
    struct editor_rows r = rows(a);

    r.prompt_count = 0;
    *cursor = r.cursor;
    return editor_rows_text(&r, "");
}

const wchar_t *editor_area_line(struct editor_area *a, size_t *count)
{
    const LineInfoW *line = el_wline(a->el);

    *count = (size_t)(line->lastchar - line->buffer);
    return line->buffer;
}

void editor_area_remember(struct editor_area *a, const char *line)
{
    HistEvent event;

    history(a->history, &event, H_ENTER, line);
}

void editor_area_write(struct editor_area *a, const char *text, size_t len)
{
    fwrite(text, 1, len, a->screen);
}

void editor_area_flush(struct editor_area *a)
{
    if (fflush(a->screen) == 0)
        panes_write(a->panes, a->out, a->out_len);
    rewind(a->screen);
}

void editor_area_cook(struct editor_area *a, bool cooked)
{
    a->cooked = cooked;
    el_set(a->el, EL_PREP_TERM, cooked ? 0 : 1);
}

void editor_area_close(struct editor_area *a)
{
    if (a == NULL)
        return;
    if (a->el != NULL)
        el_end(a->el);
    if (a->history != NULL)
        history_end(a->history);
    if (a->screen != NULL)
        fclose(a->screen);
    if (a->nowhere != NULL)
        fclose(a->nowhere);
    free(a->out);
    free(a);
}
