#include "platform/editor_area.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wctype.h>

#include "platform/editor_mode.h"

enum { LINE_LIMIT = EDITOR_LINE / 4 };            /* characters */
enum { KEY_REFRESH = EDITOR_KEY_END, KEY_RESET }; /* of our own, bound to the functions below */

struct editor_area {
    EditLine *el;
    History *history;
    FILE *screen; /* gathers in out, out_len */
    char *out;
    size_t out_len;
    const char *prompt;
    int width; /* that the line was drawn for */
    bool shown;
    wint_t next; /* the key that libedit may read; WEOF: none */
};

static const struct {
    const char *key, *command;
} bindings[] = {
    {"\\200", "ed-delete-next-char"},
    {"\\201", "ed-prev-word"},
    {"\\202", "em-next-word"},
    {"\\203", "em-delete-next-word"},
    {"\\204", "em-capitol-case"},
    {"\\205", "em-lower-case"},
    {"\\206", "em-upper-case"},
    {"\\207", "ed-search-prev-history"},
    {"\\210", "ed-search-next-history"},
    {"\\211", "den-refresh"},
    {"\\212", "den-reset"},
    {"^R", "ed-search-prev-history"}, /* its own search would wait for keys */
    {"^D", "ed-delete-next-char"},
    {"^W", "ed-delete-prev-word"},
};

static unsigned char refresh(EditLine *el, int key)
{
    (void)el;
    (void)key;
    return CC_REFRESH;
}

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

static char *prompt(EditLine *el)
{
    static char none[] = "";
    struct editor_area *a = owner(el);

    return a != NULL && a->shown ? (char *)(uintptr_t)a->prompt : none;
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

static int window_width(int otherwise)
{
    struct winsize w;

    return ioctl(STDIN_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 2 ? w.ws_col : otherwise;
}

static bool can_move_up(EditLine *el)
{
    const char *up = NULL;

    return el_get(el, EL_GETTC, "up", &up) == 0 && up != NULL && *up != '\0';
}

static bool has_terminal(void)
{
    const char *name = getenv("TERM");

    return name != NULL && *name != '\0' && strcmp(name, "dumb") != 0;
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
    el_set(a->el, EL_ADDFN, "den-refresh", "draw the line", refresh);
    el_set(a->el, EL_ADDFN, "den-reset", "forget the line", reset);
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
        el_set(a->el, EL_BIND, bindings[i].key, bindings[i].command, NULL);
}

static bool prepare(struct editor_area *a, int count)
{
    a->screen = open_memstream(&a->out, &a->out_len);
    if (a->screen == NULL)
        return false;
    a->el =
        el_init_fd("den", stdin, a->screen, a->screen, STDIN_FILENO, STDOUT_FILENO, STDOUT_FILENO);
    if (a->el == NULL || !can_move_up(a->el))
        return false;
    el_set(a->el, EL_CLIENTDATA, a);
    el_wset(a->el, EL_GETCFN, next_key);
    el_set(a->el, EL_PROMPT, prompt);
    el_set(a->el, EL_SIGNAL, 0);
    /* Ctrl-S would hold up the whole program. */
    el_set(a->el, EL_SETTY, "-d", "-ixon", NULL);
    prepare_keys(a);
    if (!prepare_history(a, count))
        return false;
    fflush(a->screen);
    rewind(a->screen); /* libedit's complaints are not for the user */
    el_set(a->el, EL_UNBUFFERED, 1);
    return true;
}

struct editor_area *editor_area_open(int count)
{
    struct editor_area *a = has_terminal() ? calloc(1, sizeof *a) : NULL;

    if (a == NULL)
        return NULL;
    a->next = WEOF;
    a->prompt = "";
    a->width = window_width(80);
    if (!prepare(a, count)) {
        editor_area_close(a);
        return NULL;
    }
    return a;
}

void editor_area_prompt(struct editor_area *a, const char *text)
{
    a->prompt = text;
}

/* Moves *column and *row over a character as libedit lays it out. */
static void lay_out(wchar_t c, int width, int *column, int *row)
{
    int cells = wcwidth(c);

    if (cells < 0)
        cells = 0;
    if (*column + cells > width) {
        *column = 0;
        ++*row;
    }
    *column += cells;
    if (*column >= width) {
        *column = 0;
        ++*row;
    }
}

static int rows_above_cursor(struct editor_area *a, int width)
{
    const LineInfoW *line = el_wline(a->el);
    int column = 0, row = 0;
    const char *p = a->prompt;
    mbstate_t state = {0};
    wchar_t c;
    size_t n;

    while ((n = mbrtowc(&c, p, strlen(p), &state)) > 0 && n < (size_t)-2) {
        lay_out(c, width, &column, &row);
        p += n;
    }
    for (const wchar_t *w = line->buffer; w < line->cursor; w++)
        lay_out(*w, width, &column, &row);
    /* A wide character that does not fit into the row takes the cursor along. */
    if (line->cursor < line->lastchar && column + wcwidth(*line->cursor) > width)
        row++;
    return row;
}

/* Whether this terminal breaks rows anew when its width changes. No terminal tells. */
static bool reflows(void)
{
    static const char *const names[] = {"tmux", "foot", "alacritty", "xterm-kitty",
                                        "xterm-ghostty"};
    static const char *const signs[] = {"TMUX", "VTE_VERSION", "KONSOLE_VERSION", "WT_SESSION"};
    const char *term = getenv("TERM");

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (getenv(signs[i]) != NULL)
            return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (term != NULL && strncmp(term, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

/* After a resize: where it is not known, rather a rest of the line stays than a line above goes. */
static int rows_after_resize(struct editor_area *a, int width)
{
    int before = rows_above_cursor(a, a->width);
    int after = rows_above_cursor(a, width);

    return reflows() || after < before ? after : before;
}

void editor_area_show(struct editor_area *a)
{
    if (a->shown)
        return;
    a->shown = true;
    a->width = window_width(a->width);
    el_resize(a->el);
    el_set(a->el, EL_REFRESH);
}

void editor_area_hide(struct editor_area *a)
{
    int width = window_width(a->width);
    int up;

    if (!a->shown)
        return;
    up = width == a->width ? rows_above_cursor(a, width) : rows_after_resize(a, width);
    if (up > 0)
        fprintf(a->screen, "\033[%dA", up);
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

void editor_area_resize(struct editor_area *a)
{
    if (a->shown && window_width(a->width) != a->width) {
        editor_area_hide(a);
        editor_area_show(a);
    }
}

void editor_area_leave(struct editor_area *a, const char *mark)
{
    if (a->shown) {
        press(a, 'E' - 64);
        fprintf(a->screen, "%s\n", mark);
    }
    a->shown = false;
    press(a, KEY_RESET);
}

bool editor_area_insert(struct editor_area *a, const wchar_t *text, size_t count)
{
    const LineInfoW *line = el_wline(a->el);
    wchar_t one[2] = {0};

    if ((size_t)(line->lastchar - line->buffer) + count > LINE_LIMIT)
        return false;
    for (size_t i = 0; i < count; i++) {
        one[0] = text[i];
        if (!iswprint((wint_t)text[i]) || wcwidth(text[i]) < 0)
            continue;
        if (el_winsertstr(a->el, one) != 0)
            return false;
    }
    press(a, KEY_REFRESH);
    return true;
}

void editor_area_command(struct editor_area *a, uint32_t key)
{
    static const char controls[] = "ABDEFHKLNPRTUWY";

    if (key == 0x7f || (key >= EDITOR_KEY_DELETE && key < EDITOR_KEY_END) ||
        (key > 0 && key < 0x20 && strchr(controls, (int)key + 64) != NULL))
        press(a, key);
}

void editor_area_replace(struct editor_area *a, size_t count, const wchar_t *text)
{
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
        editor_write(a->out, a->out_len);
    rewind(a->screen);
}

void editor_area_cook(struct editor_area *a, bool cooked)
{
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
    free(a->out);
    free(a);
}
