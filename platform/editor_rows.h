/* How a prompt and a line lie in the rows of a window: as if written from the first column on, a
 * wide character never cut by the edge, a full last row followed by one for the cursor. */
#ifndef DEN_PLATFORM_EDITOR_ROWS_H
#define DEN_PLATFORM_EDITOR_ROWS_H

#include <stddef.h>
#include <stdio.h>
#include <wchar.h>

struct editor_rows {
    const wchar_t *prompt, *line; /* printable characters */
    size_t prompt_count, count;
    size_t cursor; /* in the line, up to count */
};

/* How many rows of it are above the cursor's. */
int editor_rows_above(const struct editor_rows *r, int width);
/* Draws it from the first column of an empty row on, leaves the terminal's cursor in its place.
 * Of what is taller than the window, the part with the cursor. Returns how many rows above the
 * cursor's were drawn. */
int editor_rows_draw(const struct editor_rows *r, int width, int height, FILE *out);

/* Prompt, line and mark in UTF-8, from malloc; NULL without memory. */
char *editor_rows_text(const struct editor_rows *r, const char *mark);

#endif
