/* Film for tests: JPEG frames that are whole for a scanner, though no picture is in them, and a
 * folder to put them in. */
#ifndef DEN_TESTS_KIT_FILM_H
#define DEN_TESTS_KIT_FILM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum film_trait {
    FILM_PLAIN = 0,
    FILM_THUMBNAIL = 1,  /* APP1 with a whole small JPEG inside */
    FILM_FILL = 2,       /* fill bytes before markers */
    FILM_RESTART = 4,    /* RSTn and stuffed FF in the data */
    FILM_SCANS = 8,      /* three scans with tables between (progressive) */
    FILM_GRAY = 16,      /* one component */
    FILM_NO_SCAN = 32,   /* broken: no picture */
    FILM_NO_END = 64,    /* broken: no EOI */
    FILM_BAD_MARK = 128, /* broken: a stray byte where a marker should be */
};

/* Appends one frame. */
void film_frame(struct buf *b, unsigned width, unsigned height, unsigned traits);
/* n plain frames, each of another length. */
void film_frames(struct buf *b, unsigned width, unsigned height, size_t n);

#define FILM_PATH 128

/* A new empty directory under $TMPDIR; its path goes to path. Dies (assert) if it can't. */
void film_folder(char path[static FILM_PATH]);
/* path/inner, made as a directory too. */
void film_subfolder(char out[static FILM_PATH], const char *path, const char *inner);
/* Writes path/name. */
void film_file(const char *path, const char *name, const void *p, size_t len);
/* Removes it with all that is in it. */
void film_remove(const char *path);

#endif
