/* Numbers of the log in the order in which they came, and which of them are dealt with: so that what
 * is recorded never runs ahead of what was shown. */
#ifndef DEN_CLIENT_MARKS_H
#define DEN_CLIENT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mark {
    uint64_t number;
    bool done;
};

struct marks {
    struct mark *list; /* owned; rising from `first` on */
    size_t first, count, cap;
};

/* It came. False if it is not above the last one, or there is no memory: then it is not followed. */
bool marks_add(struct marks *m, uint64_t number);
/* It is dealt with. True if all up to a higher number than before are now: *reached is that. */
bool marks_done(struct marks *m, uint64_t number, uint64_t *reached);
/* Idempotent. */
void marks_clear(struct marks *m);

#endif
