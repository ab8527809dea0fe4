/* A file that comes in from a sender who says anything at any time, and one that goes out to such a receiver;
 * with the real jobs of the worker, on real files, and links that are cut.
 *
 * The first byte: its lowest bit is 1 for a file that goes out, the next two say which. Then steps: a byte that
 * says what happens, and its arguments. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/give.h"
#include "client/parcel_name.h"
#include "client/take.h"
#include "crypto/digest.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/scratch.h"
#include "wire/message.h"

#define SOURCES 4
#define NOW INT64_C(1000000000)

enum step {
    STEP_MESSAGE, /* type, sized16 payload: what the peer says */
    STEP_OFFER,   /* u16 size, u8 mtime: of the usual kind */
    STEP_AGREE,
    STEP_WORK,
    STEP_BEGIN, /* u8: at 0, or behind what is there */
    STEP_DATA,  /* u16: so many bytes */
    STEP_END,   /* u8: with the right hash, or not */
    STEP_CUT,
    STEP_TAKE, /* u16 offset, u8: with the right hash, or not */
    STEP_FILL,
    STEP_CHANGE,
    STEPS
};

struct play {
    struct parcel p;
    struct cursor c;
    struct buf out;
    struct digest sent; /* of what came after the last BEGIN */
    size_t source;
    uint32_t file;
    bool linked;
};

const bool fuzz_slow = true;

static const size_t sizes[SOURCES] = {0, 100, PARCEL_BLOCK, PARCEL_BLOCK + 70000};
static uint8_t bytes[PARCEL_BLOCK + 70000];
static struct scratch dir;

static void path_of(size_t i, char out[static 512])
{
    char name[16];

    snprintf(name, sizeof name, "source%zu", i);
    scratch_path(&dir, name, out);
}

static void leave(void)
{
    scratch_remove(&dir);
}

static void prepare(void)
{
    char name[16];

    if (dir.path[0] != 0)
        return;
    scratch_make(&dir);
    atexit(leave);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t i = 0; i < SOURCES; i++) {
        snprintf(name, sizeof name, "source%zu", i);
        scratch_put(&dir, name, bytes, sizes[i]);
    }
}

static void open_play(struct play *f, uint8_t how)
{
    char path[512];

    f->p.out = how & 1;
    f->p.read.fd = f->p.write.fd = f->p.write.dirfd = -1;
    f->source = how >> 1 & (SOURCES - 1);
    buf_init(&f->out, 65536);
    digest_start(&f->sent);
    if (f->p.out) {
        path_of(f->source, path);
        FUZZ_HOLDS(parcel_read_init(&f->p.read, path));
        strcpy(f->p.name, "source");
        return;
    }
    scratch_path(&dir, "in", path);
    FUZZ_HOLDS(parcel_write_init(&f->p.write, path));
    strcpy(f->p.write.partial, ".den-fuzz.part");
}

/* What we say is what the other side may be told, and the framer lets it through. */
static void check_out(struct play *f)
{
    struct cursor c = cursor_over(f->out.data, f->out.len);

    FUZZ_HOLDS(!f->out.failed);
    while (c.left > 0) {
        uint8_t type = cursor_get8(&c);
        struct span payload = cursor_sized32(&c, LIMIT_CHUNK);
        const struct message_rule *rule = message_rule(type);

        FUZZ_HOLDS(!c.failed && rule != NULL && (rule->phase & PHASE_FILES) != 0 &&
                   payload.len <= rule->limit);
        FUZZ_HOLDS((rule->from & (f->p.out ? MESSAGE_FROM_CLIENT : MESSAGE_FROM_SERVER)) != 0);
    }
    buf_clear(&f->out);
}

static void check(struct play *f)
{
    const struct parcel *p = &f->p;

    FUZZ_HOLDS((p->state == PARCEL_OVER) == (p->end != PARCEL_NONE));
    FUZZ_HOLDS(p->state == PARCEL_OVER || p->done <= p->size);
    for (size_t i = 0; i < 2; i++) {
        FUZZ_HOLDS(p->read.block[i].used <= p->read.block[i].len &&
                   p->read.block[i].len <= PARCEL_ROOM);
        FUZZ_HOLDS(p->write.block[i].len <= PARCEL_ROOM);
    }
    check_out(f);
}

static void work(struct play *f)
{
    struct parcel *p = &f->p;

    while (p->out && give_wants(p)) {
        parcel_read_run(&p->read);
        give_worked(p, NOW, &f->out);
    }
    while (!p->out && take_wants(p)) {
        parcel_write_run(&p->write);
        take_worked(p, &f->out);
    }
}

static void cut(struct play *f)
{
    if (f->p.out)
        give_cut(&f->p);
    else
        take_cut(&f->p);
    f->linked = false;
}

/* As parcels_message: what is wrong ends the link. */
static void hear(struct play *f, uint8_t type, struct span payload)
{
    const struct message_rule *rule = message_rule(type);
    unsigned from = f->p.out ? MESSAGE_FROM_SERVER : MESSAGE_FROM_CLIENT;
    struct message m = {type, payload};
    struct wire_offer o;
    enum err e = ERR_STATE;

    if (rule == NULL || (rule->from & from) == 0 || (rule->phase & PHASE_FILES) == 0 ||
        payload.len > rule->limit || type == MESSAGE_EOM || type == MESSAGE_ERROR ||
        type == MESSAGE_QUIT)
        return;
    if (type == MESSAGE_OFFER) {
        if (wire_get_offer(payload, &o) == ERR_OK && f->p.state == PARCEL_WAITS && !f->p.busy) {
            take_offer(&f->p, &o);
            parcel_name_clean(f->p.write.name, o.name);
            FUZZ_HOLDS(f->p.write.name[0] != 0 && f->p.write.name[0] != '.' &&
                       strchr(f->p.write.name, '/') == NULL);
            f->linked = true;
        }
        return;
    }
    if (!f->linked || f->p.state == PARCEL_OVER)
        return;
    e = f->p.out ? give_message(&f->p, &m) : take_message(&f->p, &m, NOW, &f->out);
    if (e != ERR_OK)
        cut(f);
    else if (take_full(&f->p))
        work(f);
}

/* One of ours, as the other side would put it. */
static void hear_put(struct play *f, struct buf *b)
{
    FUZZ_HOLDS(b->len >= MESSAGE_HEADER && !b->failed);
    hear(f, b->data[0], (struct span){b->data + MESSAGE_HEADER, b->len - MESSAGE_HEADER});
    buf_free(b);
}

static void put_offer(struct play *f, struct buf *b)
{
    static const uint8_t token[SIZE_FILE_TOKEN];

    wire_put_offer(b, &(struct wire_offer){.file = ++f->file,
                                           .token = token,
                                           .size = cursor_get16(&f->c),
                                           .mtime = cursor_get8(&f->c),
                                           .name = {(const uint8_t *)"../name", 7}});
}

static void put_data(struct play *f, struct buf *b)
{
    size_t len = cursor_get16(&f->c) % (LIMIT_CHUNK - FILE_DATA_HEAD) + 1;
    uint8_t *to = buf_reserve(b, MESSAGE_HEADER + FILE_DATA_HEAD + len);

    wire_data_head(to, f->p.file, len);
    memcpy(to + MESSAGE_HEADER + FILE_DATA_HEAD, bytes, len);
    buf_grew(b, MESSAGE_HEADER + FILE_DATA_HEAD + len);
    if (f->p.state == PARCEL_MOVING)
        digest_add(&f->sent, bytes, len);
}

static void put_begin(struct play *f, struct buf *b)
{
    uint64_t at = cursor_get8(&f->c) & 1 ? f->p.write.there : 0;

    wire_put_begin(b, &(struct wire_begin){f->p.file, at});
    digest_start(&f->sent);
    if (at > 0)
        f->sent = f->p.write.digest;
}

static void put_end(struct play *f, struct buf *b)
{
    uint8_t hash[DIGEST_SIZE];

    digest_get(&f->sent, hash);
    hash[0] ^= cursor_get8(&f->c) & 1;
    wire_put_file_end(b, &(struct wire_file_end){f->p.file, hash});
}

static void put_take(struct play *f, struct buf *b)
{
    uint64_t offset = cursor_get16(&f->c);
    uint8_t hash[DIGEST_SIZE];

    digest_sha256(hash, bytes, offset);
    hash[0] ^= cursor_get8(&f->c) & 1;
    wire_put_take(b, &(struct wire_take){f->p.file, offset, hash});
}

/* The sender's own doing. */
static void send_on(struct play *f, enum step step)
{
    struct parcel *p = &f->p;
    uint8_t piece[LIMIT_CHUNK];
    char path[512];

    if (step == STEP_FILL) {
        for (int i = 0; i < 40 && f->linked && give_fill(p, piece, sizeof piece) > 0; i++)
            work(f);
        if (f->linked)
            give_settle(p, &f->out);
    } else if (step == STEP_CHANGE) {
        path_of(f->source, path);
        utimensat(AT_FDCWD, path, NULL, 0);
    } else if (step == STEP_OFFER && p->state == PARCEL_WAITS && p->known && !p->busy) {
        give_offer(p, ++f->file, &f->out);
        f->linked = true;
    }
}

static void act(struct play *f, enum step step)
{
    static void (*const puts[STEPS])(struct play *, struct buf *) = {
        [STEP_OFFER] = put_offer, [STEP_BEGIN] = put_begin, [STEP_DATA] = put_data,
        [STEP_END] = put_end,     [STEP_TAKE] = put_take,
    };
    struct buf b;
    uint8_t type;

    if (step == STEP_MESSAGE) {
        type = cursor_get8(&f->c);
        hear(f, type, cursor_sized16(&f->c, UINT16_MAX));
    } else if (step == STEP_WORK) {
        work(f);
    } else if (step == STEP_CUT) {
        cut(f);
    } else if (step == STEP_AGREE && !f->p.out && f->p.state == PARCEL_OFFERED) {
        take_agree(&f->p);
        take_open(&f->p);
    } else if (f->p.out && step != STEP_TAKE) {
        send_on(f, step);
    } else if (puts[step] != NULL) {
        buf_init(&b, LIMIT_CHUNK + MESSAGE_HEADER);
        puts[step](f, &b);
        hear_put(f, &b);
    }
}

/* Either the file is there, whole and as the sender said, or nothing that can be seen is. */
static void check_place(struct play *f)
{
    char path[512];
    struct dirent *e;
    DIR *d;

    scratch_path(&dir, "in", path);
    d = opendir(path);
    while (d != NULL && (e = readdir(d)) != NULL) {
        struct stat st;

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        FUZZ_HOLDS(fstatat(dirfd(d), e->d_name, &st, 0) == 0);
        if (f->p.end == PARCEL_DONE) {
            uint8_t hash[DIGEST_SIZE];

            digest_get(&f->p.write.digest, hash);
            FUZZ_HOLDS(strcmp(e->d_name, f->p.write.placed) == 0);
            FUZZ_HOLDS((uint64_t)st.st_size == f->p.size && (st.st_mode & 0777) == 0600);
            FUZZ_HOLDS(memcmp(hash, f->p.end_hash, sizeof hash) == 0);
        } else {
            FUZZ_HOLDS(f->p.state != PARCEL_OVER && strcmp(e->d_name, f->p.write.partial) == 0);
        }
        unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d != NULL)
        closedir(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct play f = {.c = cursor_over(data, len)};

    prepare();
    open_play(&f, cursor_get8(&f.c));
    while (f.c.left > 0 && !f.c.failed) {
        act(&f, (enum step)(cursor_get8(&f.c) % STEPS));
        check(&f);
    }
    work(&f);
    check(&f);
    if (!f.p.out)
        check_place(&f);
    parcel_read_free(&f.p.read);
    parcel_write_free(&f.p.write);
    buf_free(&f.out);
    return 0;
}

static const uint8_t comes[] = {0, STEP_OFFER, 0, 100, 5,         STEP_AGREE, STEP_WORK, STEP_BEGIN,
                                0, STEP_DATA,  0, 99,  STEP_WORK, STEP_END,   0,         STEP_WORK};
static const uint8_t cuts[] = {0,          STEP_OFFER, 0,          100,       5,         STEP_AGREE,
                               STEP_WORK,  STEP_BEGIN, 0,          STEP_DATA, 0,         49,
                               STEP_CUT,   STEP_WORK,  STEP_OFFER, 0,         100,       5,
                               STEP_AGREE, STEP_WORK,  STEP_BEGIN, 1,         STEP_DATA, 0,
                               49,         STEP_END,   1,          STEP_WORK};
static const uint8_t goes[] = {
    7,         STEP_WORK,    STEP_OFFER,   STEP_TAKE, 0, 50, 0, STEP_WORK, STEP_FILL, STEP_WORK,
    STEP_FILL, STEP_MESSAGE, MESSAGE_KEPT, 0,         4, 0,  0, 0,         1};
static const uint8_t changes[] = {
    5,         STEP_WORK, STEP_OFFER, STEP_TAKE, 1, 0, 1, STEP_WORK, STEP_CHANGE,
    STEP_FILL, STEP_WORK, STEP_OFFER, STEP_TAKE, 0, 0, 0, STEP_WORK, STEP_FILL};

void fuzz_seeds(fuzz_put *put, void *context)
{
    put(context, comes, sizeof comes);
    put(context, cuts, sizeof cuts);
    put(context, goes, sizeof goes);
    put(context, changes, sizeof changes);
}
