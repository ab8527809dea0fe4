/* Somebody in the room who does nothing wrong and believes what she is told: whatever others do, she
 * stays, and in the end it is the truth. */
#ifndef DEN_TESTS_FUZZ_ALICE_H
#define DEN_TESTS_FUZZ_ALICE_H

#include "tests/kit/stage.h"

#define ALICE_KEY 1
#define ALICE_LISTED 16

struct alice {
    struct actor actor;
    struct alice_listed {
        char name[LIMIT_NAME + 1]; /* "": free */
        struct public_key key;
    } listed[ALICE_LISTED]; /* who is here */
    bool disk_failed;       /* so an envelope of hers may be refused */
    uint64_t id;            /* of the last one */
};

void alice_enters(struct alice *a, struct stage *s);
void alice_sends(struct alice *a);
/* Looks at all that she was sent; true if that id was answered. */
bool alice_hears(struct alice *a, uint64_t id);
/* What she was told and what is. */
void alice_compares(struct alice *a, const struct room *r);

#endif
