/* Who sits between a client's link and a server's and does as a script says with the TLS records
 * that one of them sends: what fuzz_tls_server and fuzz_tls_client have in common.
 *
 * byte 0   bit 0: the bytes from 2 on are sent as they are, there is no other side
 *          bits 1, 2: how often recv and send fail; bit 3: also for good
 *          bits 4, 5: how many bytes pass at once: all, 1000, 50, 3
 * byte 1   seed of the faults
 * then     steps: what (1), which record (1), where (2), value (1), length (1), and, of those that
 *          put something in, so many bytes */
#ifndef DEN_TESTS_FUZZ_MIDDLE_H
#define DEN_TESTS_FUZZ_MIDDLE_H

#include "tests/fuzz/fuzz.h"
#include "tests/kit/pair.h"

enum middle_act {
    MIDDLE_FLIP,    /* the byte at `where` is xor-ed with value */
    MIDDLE_CUT,     /* length bytes go */
    MIDDLE_REPEAT,  /* length bytes come twice */
    MIDDLE_TWICE,   /* the record comes twice */
    MIDDLE_DROP,    /* it does not come */
    MIDDLE_HOLD,    /* it comes after the next one */
    MIDDLE_LENGTH,  /* its header says value and length */
    MIDDLE_INSERT,  /* the step's bytes come in between */
    MIDDLE_REPLACE, /* they stand there instead */
    MIDDLE_SPLIT,   /* at `where` another record begins */
    MIDDLE_HALT,    /* the sender's half is closed before it */
    MIDDLE_INSIDE,  /* once TLS is there: a record of type `value` with those bytes, encrypted */
    MIDDLE_ACTS
};

enum { TLS_CHANGE = 20, TLS_ALERT = 21, TLS_HANDSHAKE = 22, TLS_DATA = 23 };

#define MIDDLE_MEND 0x80 /* with an act: the header says the record's new length */
#define MIDDLE_STEP 6    /* bytes of a step before its own */

/* Runs the script against the server's link or the client's. */
void middle_run(const uint8_t *data, size_t len, bool server);
/* Appends all records that the server (or the client) gets when nothing is changed. */
void middle_record(struct buf *out, bool server);
/* Good scripts for middle_run. */
void middle_seeds(fuzz_put *put, void *context, bool server);

#endif
