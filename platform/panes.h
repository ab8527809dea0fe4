/* A terminal that two threads write to: one writes lines, the other a picture in the rows above them.
 * All goes through here, so that neither tears what the other writes.
 *
 *     whole   the lines have all rows, no picture is drawn
 *     split   the lines have the rows from panes_top on as the terminal's scrolling region
 *
 * A picture never makes anybody wait: what the terminal does not take at once stays pending, and lines
 * that come meanwhile cut it at the end of a row. Nor does a line: what a terminal that has stopped
 * does not take is owed, and goes before all else, up to OWED_MOST bytes (owed.h). */
#ifndef DEN_PLATFORM_PANES_H
#define DEN_PLATFORM_PANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PANES_LINES = 6, PANES_COLUMNS = 16 }; /* rows that lines have at least; columns needed */

struct panes;

/* The terminal at standard output. NULL if it is none, can't move its cursor (TERM unset or dumb) or
 * is not the process's own: only that can be opened once more, for writing without waiting. */
struct panes *panes_open(void);
/* The lines have all rows again, and all of them were taken. p may be NULL. */
void panes_close(struct panes *p);

/* These are for the thread that writes lines; p may be NULL, that is standard output alone.
 * All of it comes, as long as there is a terminal. */
void panes_write(struct panes *p, const char *text, size_t len);
/* Writes more of what is owed; when to do so again, INT64_MAX if nothing is. */
int64_t panes_due(struct panes *p);
/* Whole lines that were written, to be written again when the rows change hands. */
void panes_keep(struct panes *p, const char *text, size_t len);
/* With the cursor at the beginning of an empty row: all above it goes where the terminal keeps old
 * lines, and the last lines are written below. False if there is no room. */
bool panes_split(struct panes *p);
/* Back to whole, with all lines since the split (as many as are kept) and nothing of the picture. The
 * cursor is behind them. Idempotent. */
void panes_join(struct panes *p);
/* While split, after the window's size changed: all anew, the cursor behind the last lines. */
void panes_fit(struct panes *p);
bool panes_are_split(struct panes *p);
/* The first of the rows that lines have, from 1, and how many they are; height: of the window. */
int panes_top(struct panes *p);
int panes_rows(struct panes *p, int height);

/* The rest is for the thread that draws. */
struct panes_place {
    unsigned columns, rows; /* of the picture; rows 0: nothing can be drawn now */
    unsigned generation;    /* another whenever what was drawn is gone */
};

/* bytes up to ends[row] draw the rows up to that one; what is behind the last row ends every picture,
 * also one that was cut. Borrowed as long as panes_pending says true. */
struct panes_picture {
    const char *bytes;
    size_t len;
    const size_t *ends;
    unsigned rows, generation;
};

/* Whether a split would have room. */
bool panes_roomy(struct panes *p);
struct panes_place panes_place(struct panes *p);
/* Writes more of the last picture; true while the terminal does not take all of it. *cut: the first
 * row that is not drawn, or its rows. */
bool panes_pending(struct panes *p, unsigned *cut);
/* Nothing may be pending. One of an old generation is left out. */
void panes_draw(struct panes *p, const struct panes_picture *picture);
/* Forgets what is pending, cut at a row's end: the picture's memory may go. */
void panes_drop(struct panes *p);
/* Until that time (then false), a panes_wake, a cut, or another generation than this. Writes what is
 * pending. */
bool panes_wait(struct panes *p, int64_t until_ns, unsigned generation);
/* From any thread. */
void panes_wake(struct panes *p);

#endif
