/* The rows of the screen in which a line is edited: libedit's, through its unbuffered interface
 * (histedit.h; what the readline look-alike of libedit is built on, but without its globals and
 * without reading by itself).
 *
 *     shown     the prompt and the line are on the screen, the cursor in them
 *     hidden    nothing of them is, the cursor is at the beginning of the row they will begin in
 *
 * Output is gathered until editor_area_flush, so that nobody sees a line half drawn. */
#ifndef DEN_PLATFORM_EDITOR_AREA_H
#define DEN_PLATFORM_EDITOR_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

struct editor_area;
struct panes;

/* Takes the terminal at stdin and stdout, hidden, for a history of so many lines. NULL if it can
 * not be edited on (or memory is short): then the terminal is as it was. panes: borrowed, or NULL. */
struct editor_area *editor_area_open(int history, struct panes *panes);
/* Shows at the next editor_area_show. */
void editor_area_prompt(struct editor_area *a, const char *prompt);

void editor_area_show(struct editor_area *a);
void editor_area_hide(struct editor_area *a);
/* Something else has written to the screen meanwhile: hidden, on a new row. */
void editor_area_lose(struct editor_area *a);
/* The screen was erased meanwhile: hidden, where the cursor is. */
void editor_area_forget(struct editor_area *a);
/* Follows a change of the window's size. */
void editor_area_resize(struct editor_area *a);
/* Neither prompt nor line. */
bool editor_area_blank(const struct editor_area *a);
/* Goes below the shown line, after the given mark, and forgets it: hidden, empty. */
void editor_area_leave(struct editor_area *a, const char *mark);

/* These are for a shown line. Inserts at the cursor; false if the line is full. */
bool editor_area_insert(struct editor_area *a, const wchar_t *text, size_t count);
/* A control character or an enum editor_key; those without a meaning are ignored. */
void editor_area_command(struct editor_area *a, uint32_t key);
/* Replaces so many characters before the cursor. */
void editor_area_replace(struct editor_area *a, size_t count, const wchar_t *text);
void editor_area_beep(struct editor_area *a);

/* The characters before the cursor, or all; not NUL-terminated, valid until the next change. */
const wchar_t *editor_area_before(struct editor_area *a, size_t *count);
const wchar_t *editor_area_line(struct editor_area *a, size_t *count);
/* The line in UTF-8, from malloc (or NULL), and how many characters of it are before the cursor. */
char *editor_area_text(struct editor_area *a, size_t *cursor);
void editor_area_remember(struct editor_area *a, const char *line);

/* Output of the caller's, when hidden. */
void editor_area_write(struct editor_area *a, const char *text, size_t len);
void editor_area_flush(struct editor_area *a);
/* The terminal's modes: cooked for others, raw for editing. */
void editor_area_cook(struct editor_area *a, bool cooked);
void editor_area_close(struct editor_area *a);

#endif
