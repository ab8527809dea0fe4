/* What is said to all in a bare room (bare_room.c), in bytes. */
#ifndef DEN_BENCH_BARE_H
#define DEN_BENCH_BARE_H

#define BARE_MESSAGE \
    1367 /* as den's SEALED with an envelope of CROWD_MESSAGE: message, number, name, key */
#define BARE_ANSWER 20 /* as den's ACCEPTED */

#endif
