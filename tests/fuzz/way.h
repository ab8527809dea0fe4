/* One direction of a TLS connection through somebody's hands, and what may be done to a record there. */
#ifndef DEN_TESTS_FUZZ_WAY_H
#define DEN_TESTS_FUZZ_WAY_H

#include "base/buf.h"
#include "base/cursor.h"
#include "tests/fuzz/middle.h"

#define WAY_HEADER 5 /* bytes of a record's header */
#define WAY_LIMIT (1u << 20)

struct way_step {
    enum middle_act act;
    bool mend;
    uint8_t record, value, len;
    uint16_t where;
    struct span bytes;
};

/* What came stands in `in`, what is to go on in `out`; `held` waits for the next record. */
struct way {
    int from, to;
    struct buf in, held, out;
    size_t records;
    bool over;   /* nothing more comes */
    bool halted; /* the receiver was told so */
};

void way_init(struct way *w, int from, int to);
void way_free(struct way *w);
/* Both say whether anything moved. way_write sends at most that many bytes, and the end after all. */
bool way_read(struct way *w);
bool way_write(struct way *w, size_t at_once);

/* Does to the record (not empty) what changes its bytes; the other acts are the caller's. */
void way_change(struct buf *record, const struct way_step *s);

#endif
