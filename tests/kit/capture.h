/* What a test's own process writes to standard output or standard error. */
#ifndef DEN_TESTS_KIT_CAPTURE_H
#define DEN_TESTS_KIT_CAPTURE_H

#include <stdio.h>

#include "base/buf.h"

struct capture {
    FILE *stream;
    int memory, before;
};

/* Until capture_end all that goes to stream (stdout, stderr) is kept. Aborts if the system fails. */
void capture_begin(struct capture *c, FILE *stream);
/* Appends what was written to out and restores the stream. */
void capture_end(struct capture *c, struct buf *out);

#endif
