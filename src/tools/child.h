/* A program run to its end: its lines read, its last complaint kept, ended when we are to end. */
#ifndef DEN_TOOLS_CHILD_H
#define DEN_TOOLS_CHILD_H

#include <stdbool.h>

#define CHILD_COMPLAINT 256

enum child_end {
    CHILD_DONE,    /* it exited with 0 */
    CHILD_MISSING, /* there is no such program */
    CHILD_FAILED,  /* it exited otherwise, or could not be run */
    CHILD_REFUSED, /* take said no */
    CHILD_STOPPED, /* a signal came for us */
};

struct child_watch {
    int signals; /* descriptor: readable when we are to end */
    /* Called for each line of its standard output; false ends it. */
    bool (*take)(void *context, char *line);
    void *context;
    char complaint[CHILD_COMPLAINT]; /* out: its last line on standard error */
};

/* No shell: argv[0] is looked for in PATH, argv ends with NULL. However this returns, the program
 * has ended. */
enum child_end child_run(const char *const *argv, struct child_watch *w);

#endif
