/* A player on the headless display, and frames for it: by turns of three sizes, as of three
 * renditions. */
#ifndef DEN_TESTS_KIT_SHOW_H
#define DEN_TESTS_KIT_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "player/player.h"

#define MS INT64_C(1000000)
#define KINDS 3 /* sizes of pictures */

struct show {
    uint8_t *jpeg[KINDS];
    size_t length[KINDS];
};

/* For cmocka: *state is the show. */
int show_setup(void **state);
int show_teardown(void **state);

/* Makes digests, and decodes with two threads. */
struct player *show_start(uint32_t fps, uint32_t frames);
enum err show_give(struct show *f, struct player *p, uint32_t number);
/* Waits for the next event. */
void show_next(struct player *p, struct player_event *out);
/* The next event of that kind; outcomes before it are passed over. */
void show_next_of(struct player *p, enum player_event_kind kind, struct player_event *out);
/* That it is the frame's outcome, and that of the bytes that were given. */
void show_check(struct show *f, const struct player_event *e, uint32_t number);

#endif
