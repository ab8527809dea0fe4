/* One file on its way to somebody, or from somebody: what is known of it, and where it is.
 *
 * state      going out (give.h)                   coming in (take.h)
 * WAITS      what it is, is looked at (known      cut: the sender has to come back
 *            false); then for a link
 * OFFERED    OFFER sent                           OFFER came: the user is asked
 * TURN       -                                    accepted: others come first
 * OPENING    TAKE came: what is there is hashed   the partial file is opened and hashed
 * TAKEN      -                                    TAKE sent
 * MOVING     BEGIN sent: DATA                     BEGIN came: DATA
 * ENDING     END sent                             END came: written, checked, named
 * OVER       `end` says how it went               the same
 *
 * While `busy` the worker has `read` or `write`, whichever it is. */
#ifndef DEN_CLIENT_PARCEL_H
#define DEN_CLIENT_PARCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "client/meter.h"
#include "client/parcel_read.h"
#include "client/parcel_write.h"
#include "platform/paths.h"
#include "platform/worker.h"
#include "wire/file.h"

#define REPORT_PARCEL_LINE 128 /* of report_parcel_line */

struct client;
struct peer;

enum parcel_state {
    PARCEL_WAITS,
    PARCEL_OFFERED,
    PARCEL_TURN,
    PARCEL_OPENING,
    PARCEL_TAKEN,
    PARCEL_MOVING,
    PARCEL_ENDING,
    PARCEL_OVER
};

enum parcel_end {
    PARCEL_NONE,
    PARCEL_DONE,
    PARCEL_CANCELLED, /* by our user */
    PARCEL_DECLINED,  /* by theirs */
    PARCEL_TOO_LARGE, /* for the receiver */
    PARCEL_NO_SPACE,  /* at the receiver's */
    PARCEL_CHANGED,   /* meanwhile, at the sender's */
    PARCEL_DAMAGED,   /* the hash differs */
    PARCEL_FAILED,    /* can't be read or written here */
    PARCEL_FAILED_THERE,
    PARCEL_BUSY,        /* too many offers */
    PARCEL_UNREACHABLE, /* the receiver never was */
    PARCEL_ENDS
};

struct parcel {
    struct worker_job job; /* first */
    struct parcel *next;   /* in parcels.list */
    struct client *client;
    struct peer *link; /* NULL: none now */
    enum parcel_state state;
    enum parcel_end end;
    bool out;
    bool known;   /* out: it was looked at */
    bool asked;   /* out: by the user in this run, or it is ours to go on with */
    bool linked;  /* out: there was a link once */
    bool agreed;  /* the receiver wanted it once: it goes on by itself */
    bool kept;    /* a record of it is on disk, or will be */
    bool told;    /* the user knows how it ended */
    bool denied;  /* out: by a key that is another */
    bool discard; /* in: the partial file is to go */
    bool busy;
    uint32_t number; /* #N, for the user */
    uint32_t file;   /* on the link */
    uint8_t token[SIZE_FILE_TOKEN];
    uint8_t key[SIZE_FINGERPRINT]; /* the other's */
    char peer[LIMIT_NAME + 1];
    char name[LIMIT_FILE_NAME + 1];
    uint64_t size, mtime;
    uint64_t agreed_size;             /* in: more than that is another question */
    uint64_t done;                    /* bytes that were moved, with those of before */
    uint64_t from;                    /* of them, those of before */
    uint8_t end_hash[SIZE_FILE_HASH]; /* in: of END */
    int64_t begun, ended;             /* when MOVING began, and when it was over */
    unsigned changes;                 /* out: how often it was another file meanwhile */
    int64_t again, wait; /* WAITS, out: when to look for a link, and after how long next */
    int64_t told_at;     /* when its progress was */
    struct meter meter;
    struct parcel_read read;   /* out */
    struct parcel_write write; /* in */
    struct buf record;         /* what the worker is to keep on disk before anything else */
    char record_path[PATHS_MAX];
};

/* Of what is over: closes its files and gives its blocks back, unless the worker has them, or is to. */
void parcel_rest(struct parcel *p);
/* Takes an end that came first. */
void parcel_finish(struct parcel *p, enum parcel_end end);
/* The same, and says so to the other side in out. */
void parcel_drop(struct parcel *p, enum parcel_end end, struct buf *out);
/* A word for programs. */
const char *parcel_end_word(enum parcel_end e);
/* From the wire, and to it. */
enum parcel_end parcel_dropped(uint8_t why);
enum wire_drop parcel_drop_code(enum parcel_end e);

#endif
