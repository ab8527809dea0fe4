/* A log of envelopes and what is known of it: which was given which number, and what was accepted. */
#ifndef DEN_TESTS_KIT_LEDGER_H
#define DEN_TESTS_KIT_LEDGER_H

#include "server/sealed_log.h"
#include "tests/kit/desk.h"

#define LEDGER_MOST 1000 /* numbers are below it */

struct ledger {
    struct desk desk;
    struct sealed_log log; /* in the desk's directory `log` */
    struct shelf_bounds bounds;
    char dir[512];
    uint64_t seeds[LEDGER_MOST]; /* of the envelope that was given that number last */
    uint64_t accepted;           /* all up to it */
};

/* Who reads the log. */
extern const uint8_t ledger_receiver[SIZE_FINGERPRINT];

/* A new one without bounds, in segments of 5,000 bytes: four entries each. */
void ledger_open(struct ledger *l);
void ledger_close(struct ledger *l);
/* As after a restart, in segments of that size from now on. */
void ledger_reopen(struct ledger *l, int64_t segment);

/* An entry that depends on seed; false if it was refused. It is not waited for. */
bool ledger_add(struct ledger *l, uint64_t seed);
/* The same, one after the other, each waited for. */
void ledger_add_many(struct ledger *l, uint64_t count);

/* The PAST at *at is as it must be; its number. */
uint64_t ledger_check(const struct ledger *l, const struct buf *got, size_t *at);
/* Reads after + 1 to last in pieces of `enough` bytes and checks each; how many are lost. */
uint64_t ledger_read(const struct ledger *l, uint64_t after, uint64_t last, size_t enough);

#endif
