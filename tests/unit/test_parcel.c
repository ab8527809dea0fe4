/* Files from their sender's side to their receiver's, without links and threads: each message is carried
 * over, and each job done, at once. And the names that they get. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/give.h"
#include "client/parcel_name.h"
#include "client/take.h"
#include "tests/kit/scratch.h"
#include "wire/framer.h"

#define SECOND INT64_C(1000000000)
#define SIZE (3 * PARCEL_BLOCK + 77)

static struct scratch dir;
static uint8_t bytes[SIZE];

struct way {
    struct parcel from, to;
    struct buf out, back; /* of the sender, of the receiver */
};

static void put(size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    scratch_put(&dir, "source", bytes, size);
}

static void open_way(struct way *w)
{
    char path[512];

    memset(w, 0, sizeof *w);
    buf_init(&w->out, 1024 * 1024);
    buf_init(&w->back, 1024 * 1024);
    scratch_path(&dir, "source", path);
    assert_true(parcel_read_init(&w->from.read, path));
    w->from.out = true;
    strcpy(w->from.name, "source");
    scratch_path(&dir, "in", path);
    assert_true(parcel_write_init(&w->to.write, path));
    strcpy(w->to.write.partial, ".den-test.part");
    strcpy(w->to.write.name, "source");
}

static void close_way(struct way *w)
{
    parcel_read_free(&w->from.read);
    parcel_write_free(&w->to.write);
    buf_free(&w->out);
    buf_free(&w->back);
}

/* The jobs that there are. */
static bool work(struct way *w)
{
    bool any = false;

    while (give_wants(&w->from)) {
        parcel_read_run(&w->from.read);
        give_worked(&w->from, SECOND, &w->out);
        any = true;
    }
    while (take_wants(&w->to)) {
        parcel_write_run(&w->to.write);
        take_worked(&w->to, &w->back);
        any = true;
    }
    return any;
}

static enum err deliver(struct way *w, struct buf *messages, enum message_from from)
{
    struct cursor in = cursor_over(messages->data, messages->len);
    struct framer f;
    struct message m;
    const char *why = "";
    enum err e = ERR_OK;

    framer_init(&f, from);
    f.phase = PHASE_FILES;
    while (e == ERR_OK && framer_next(&f, &in, &m, &why) == FRAMER_MESSAGE) {
        struct wire_offer o;

        if (m.type == MESSAGE_OFFER) {
            assert_int_equal(wire_get_offer(m.payload, &o), ERR_OK);
            take_offer(&w->to, &o);
        } else if (from == MESSAGE_FROM_CLIENT) {
            e = take_message(&w->to, &m, SECOND, &w->back);
            work(w);
        } else {
            e = give_message(&w->from, &m);
        }
    }
    assert_string_equal(why, "");
    framer_free(&f);
    buf_clear(messages);
    return e;
}

/* Everything that can happen, until nothing does or so many bytes have moved. */
static void run(struct way *w, uint64_t most)
{
    bool any = true;

    while (any && w->to.done < most) {
        uint8_t *room = buf_reserve(&w->out, LIMIT_CHUNK + MESSAGE_HEADER);
        size_t n = give_fill(&w->from, room, LIMIT_CHUNK);

        buf_grew(&w->out, n);
        any = work(w) || n > 0;
        give_settle(&w->from, &w->out);
        any = any || w->out.len > 0 || w->back.len > 0;
        assert_int_equal(deliver(w, &w->out, MESSAGE_FROM_CLIENT), ERR_OK);
        work(w);
        assert_int_equal(deliver(w, &w->back, MESSAGE_FROM_SERVER), ERR_OK);
    }
}

static void offer(struct way *w, uint32_t number)
{
    work(w);
    assert_true(w->from.known);
    give_offer(&w->from, number, &w->out);
    assert_int_equal(deliver(w, &w->out, MESSAGE_FROM_CLIENT), ERR_OK);
    assert_int_equal(w->to.state, PARCEL_OFFERED);
}

static void agree(struct way *w)
{
    take_agree(&w->to);
    take_open(&w->to);
}

/* A file of that size, offered and taken. */
static void start(struct way *w, size_t size)
{
    put(size);
    open_way(w);
    offer(w, 1);
    agree(w);
}

static void ends(struct way *w, enum parcel_end from, enum parcel_end to)
{
    assert_int_equal(w->from.state, PARCEL_OVER);
    assert_int_equal(w->to.state, PARCEL_OVER);
    assert_int_equal(w->from.end, from);
    assert_int_equal(w->to.end, to);
    assert_true(!w->from.busy && !w->to.busy);
    /* Many that are over are remembered: of their files and blocks nothing is. */
    assert_true(w->from.read.fd < 0 && w->to.write.fd < 0 && w->to.write.dirfd < 0);
    for (size_t i = 0; i < 2; i++)
        assert_true(w->from.read.block[i].data == NULL && w->to.write.block[i].data == NULL);
}

static bool is_there(const char *name)
{
    char path[512];
    struct stat st;

    scratch_path(&dir, name, path);
    return stat(path, &st) == 0;
}

static void arrived(struct way *w, size_t size, const char *name)
{
    struct buf got;

    ends(w, PARCEL_DONE, PARCEL_DONE);
    buf_init(&got, SIZE + 1);
    scratch_get(&dir, name, &got);
    assert_int_equal(got.len, size);
    assert_true(size == 0 || memcmp(got.data, bytes, size) == 0);
    assert_false(is_there("in/.den-test.part"));
    buf_free(&got);
    assert_true(scratch_run(&dir, "rm -rf in"));
}

static void every_size_arrives(void **state)
{
    static const size_t sizes[] = {0,
                                   1,
                                   LIMIT_CHUNK - FILE_DATA_HEAD,
                                   LIMIT_CHUNK - FILE_DATA_HEAD + 1,
                                   PARCEL_BLOCK - 1,
                                   PARCEL_BLOCK,
                                   PARCEL_BLOCK + 1,
                                   2 * PARCEL_BLOCK,
                                   SIZE};
    struct way w;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        start(&w, sizes[i]);
        run(&w, UINT64_MAX);
        arrived(&w, sizes[i], "in/source");
        close_way(&w);
    }
}

/* Cut after so much, and offered again to a receiver that is another run of den. */
static void it_goes_on_after_a_cut(void **state)
{
    char path[512];
    struct way w;

    (void)state;
    start(&w, SIZE);
    run(&w, 2 * PARCEL_BLOCK + 5);
    assert_int_equal(w.from.state, PARCEL_MOVING);
    give_cut(&w.from);
    take_cut(&w.to);
    assert_true(w.to.state == PARCEL_WAITS && w.from.state == PARCEL_WAITS);
    parcel_write_free(&w.to.write);
    scratch_path(&dir, "in", path);
    assert_true(parcel_write_init(&w.to.write, path));
    strcpy(w.to.write.partial, ".den-test.part");
    strcpy(w.to.write.name, "source");
    w.to.write.size = w.to.size;
    buf_clear(&w.out);
    buf_clear(&w.back);
    offer(&w, 2);
    agree(&w);
    run(&w, UINT64_MAX);
    assert_true(w.to.from >= 2 * PARCEL_BLOCK && w.from.from == w.to.from);
    arrived(&w, SIZE, "in/source");
    close_way(&w);
}

static void what_is_there_must_be_its_beginning(void **state)
{
    struct way w;

    (void)state;
    put(SIZE);
    assert_true(scratch_run(&dir, "mkdir in && head -c 1000 /dev/zero > in/.den-test.part"));
    open_way(&w);
    w.to.size = SIZE; /* as it was before */
    work(&w);
    w.to.mtime = w.from.mtime;
    offer(&w, 1);
    assert_false(w.to.write.anew);
    agree(&w);
    run(&w, UINT64_MAX);
    assert_true(w.to.from == 0);
    arrived(&w, SIZE, "in/source");
    close_way(&w);
    /* It may be all of it. */
    open_way(&w);
    assert_true(scratch_run(&dir, "mkdir in && cp source in/.den-test.part"));
    work(&w);
    w.to.size = SIZE;
    w.to.mtime = w.from.mtime;
    offer(&w, 1);
    agree(&w);
    run(&w, UINT64_MAX);
    assert_true(w.to.from == SIZE);
    arrived(&w, SIZE, "in/source");
    close_way(&w);
}

static void it_changed_meanwhile(void **state)
{
    struct way w;

    (void)state;
    start(&w, SIZE);
    run(&w, PARCEL_BLOCK + 5);
    put(SIZE - 1);
    run(&w, UINT64_MAX);
    assert_true(w.from.state == PARCEL_WAITS && w.from.changes == 1);
    assert_true(w.to.state == PARCEL_WAITS && w.to.agreed);
    offer(&w, 2);
    assert_true(w.to.write.anew);
    agree(&w);
    run(&w, UINT64_MAX);
    arrived(&w, SIZE - 1, "in/source");
    close_way(&w);
}

static void what_is_no_file(void **state)
{
    struct way w;

    (void)state;
    put(1);
    open_way(&w);
    free(w.from.read.path);
    w.from.read.path = strdup(dir.path);
    work(&w);
    assert_true(w.from.state == PARCEL_OVER && w.from.end == PARCEL_FAILED);
    assert_int_equal(w.from.read.result, ERR_FORMAT);
    close_way(&w);
}

/* The sender lies: about the hash, or the length. */
static void what_does_not_hash_to_what_was_said(void **state)
{
    struct way w;

    (void)state;
    start(&w, SIZE);
    run(&w, PARCEL_BLOCK);
    digest_add(&w.from.read.digest, "other", 5);
    run(&w, UINT64_MAX);
    ends(&w, PARCEL_DAMAGED, PARCEL_DAMAGED);
    assert_false(is_there("in/.den-test.part"));
    assert_false(is_there("in/source"));
    assert_true(scratch_run(&dir, "rm -rf in"));
    close_way(&w);
}

/* The disk is full in the middle of it: here, files may be no longer. */
static void no_space_is_left(void **state)
{
    struct rlimit before, small;
    struct way w;

    (void)state;
    start(&w, SIZE);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){PARCEL_BLOCK + 1000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    run(&w, UINT64_MAX);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    ends(&w, PARCEL_NO_SPACE, PARCEL_NO_SPACE);
    assert_false(is_there("in/.den-test.part"));
    assert_true(scratch_run(&dir, "rm -rf in"));
    close_way(&w);
}

/* The user ends it while the worker has it on both sides. */
static void an_end_meanwhile(void **state)
{
    struct way w;

    (void)state;
    start(&w, SIZE);
    run(&w, PARCEL_BLOCK - 1);
    while (!take_wants(&w.to)) {
        uint8_t *room = buf_reserve(&w.out, LIMIT_CHUNK + MESSAGE_HEADER);

        buf_grew(&w.out, give_fill(&w.from, room, LIMIT_CHUNK));
        give_wants(&w.from);
        take_message(&w.to,
                     &(struct message){MESSAGE_DATA,
                                       {w.out.data + MESSAGE_HEADER, w.out.len - MESSAGE_HEADER}},
                     SECOND, &w.back);
        buf_clear(&w.out);
    }
    assert_true(w.from.busy && w.to.busy);
    parcel_drop(&w.from, PARCEL_CANCELLED, &w.out);
    parcel_drop(&w.to, PARCEL_CANCELLED, &w.back);
    parcel_read_run(&w.from.read);
    give_worked(&w.from, SECOND, &w.out);
    parcel_write_run(&w.to.write);
    take_worked(&w.to, &w.back);
    work(&w);
    ends(&w, PARCEL_CANCELLED, PARCEL_CANCELLED);
    assert_false(is_there("in/.den-test.part"));
    assert_true(scratch_run(&dir, "rm -rf in"));
    close_way(&w);
}

static enum err hear(struct way *w, uint8_t type, const void *payload, size_t len)
{
    struct message m = {type, {payload, len}};

    return take_message(&w->to, &m, SECOND, &w->back);
}

static void more_or_less_than_was_offered(void **state)
{
    static const uint8_t head[4 + SIZE_FILE_HASH] = {0, 0, 0, 1};
    struct way w;

    (void)state;
    start(&w, 100);
    assert_int_equal(hear(&w, MESSAGE_DATA, head, 5), ERR_STATE);
    assert_int_equal(hear(&w, MESSAGE_END, head, sizeof head), ERR_STATE);
    assert_int_equal(hear(&w, MESSAGE_BEGIN, (const uint8_t[12]){0, 0, 0, 1}, 12), ERR_STATE);
    work(&w);
    assert_int_equal(w.to.state, PARCEL_TAKEN);
    assert_int_equal(hear(&w, MESSAGE_BEGIN, (const uint8_t[12]){[3] = 1, [11] = 5}, 12),
                     ERR_FORMAT);
    assert_int_equal(hear(&w, MESSAGE_BEGIN, (const uint8_t[12]){0, 0, 0, 1}, 12), ERR_OK);
    assert_int_equal(hear(&w, MESSAGE_DATA, (const uint8_t[4 + 101]){0, 0, 0, 1}, 4 + 101),
                     ERR_LIMIT);
    assert_int_equal(hear(&w, MESSAGE_END, head, sizeof head), ERR_OK);
    assert_true(w.to.state == PARCEL_OVER && w.to.end == PARCEL_DAMAGED);
    work(&w);
    assert_false(is_there("in/.den-test.part"));
    assert_true(scratch_run(&dir, "rm -rf in"));
    close_way(&w);
}

static void a_taker_that_asks_for_too_much(void **state)
{
    static const uint8_t hash[SIZE_FILE_HASH];
    struct buf b;
    struct message m;
    struct way w;

    (void)state;
    put(100);
    open_way(&w);
    buf_init(&b, 4096);
    wire_put_take(&b, &(struct wire_take){1, 101, hash});
    m = (struct message){MESSAGE_TAKE, {b.data + MESSAGE_HEADER, b.len - MESSAGE_HEADER}};
    assert_int_equal(give_message(&w.from, &m), ERR_STATE);
    offer(&w, 1);
    assert_int_equal(give_message(&w.from, &m), ERR_LIMIT);
    m.type = MESSAGE_KEPT;
    m.payload.len = 4;
    assert_int_equal(give_message(&w.from, &m), ERR_STATE);
    buf_free(&b);
    close_way(&w);
}

static void never_over_what_is_there(void **state)
{
    struct way w;

    (void)state;
    put(9);
    open_way(&w);
    assert_true(
        scratch_run(&dir, "mkdir in && echo mine > in/source && ln -s /nowhere 'in/source (2)'"));
    offer(&w, 1);
    agree(&w);
    run(&w, UINT64_MAX);
    assert_string_equal(w.to.write.placed, "source (3)");
    assert_true(scratch_run(&dir, "grep -q mine in/source"));
    arrived(&w, 9, "in/source (3)");
    close_way(&w);
    /* Nor through a link that waits where the partial file goes. */
    assert_true(
        scratch_run(&dir, "mkdir in && echo mine > other && ln -s ../other in/.den-test.part"));
    open_way(&w);
    offer(&w, 1);
    agree(&w);
    run(&w, UINT64_MAX);
    ends(&w, PARCEL_FAILED_THERE, PARCEL_FAILED);
    assert_true(scratch_run(&dir, "grep -q mine other && rm -rf in"));
    close_way(&w);
}

static void names_are_made_harmless(void **state)
{
    static const char *const names[][2] = {
        {"photo.jpg", "photo.jpg"},
        {"../x", "x"},
        {"/etc/passwd", "passwd"},
        {"a/b/", "file"},
        {"..", "file"},
        {".", "file"},
        {"...", "file"},
        {".bashrc", "bashrc"},
        {" . hidden", "hidden"},
        {"a\\b", "a_b"},
        {"a\x1b[31mb", "a_[31mb"},
        {"a\nb\tc", "a b c"},
        {"\xff\xfe", "__"},
        {"gr\xc3\xbc\xc3\x9f.txt", "gr\xc3\xbc\xc3\x9f.txt"},
        {"x\xe2\x80\xaegpj.exe", "x_gpj.exe"},
        {"end  ", "end"},
        {"", "file"},
    };
    char out[LIMIT_FILE_NAME + 1], name[LIMIT_FILE_NAME + 1];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        parcel_name_clean(out, (struct span){(const uint8_t *)names[i][0], strlen(names[i][0])});
        assert_string_equal(out, names[i][1]);
    }
    memset(name, 'n', sizeof name);
    memcpy(name + 251, ".jpg", 5);
    parcel_name_clean(out, (struct span){(const uint8_t *)name, 255});
    assert_string_equal(out, name);
    parcel_name_nth(out, name, 1);
    assert_string_equal(out, name);
    parcel_name_nth(out, name, 12);
    assert_int_equal(strlen(out), 255);
    assert_string_equal(out + 246, " (12).jpg");
    parcel_name_nth(out, "photo.tar.gz", 2);
    assert_string_equal(out, "photo.tar (2).gz");
    parcel_name_nth(out, "README", 3);
    assert_string_equal(out, "README (3)");
}

static void the_meter(void **state)
{
    struct meter m = {0};

    (void)state;
    assert_true(meter_rate(&m) == 0 && meter_left(&m, 5) == -1 && meter_due(&m) == 0);
    for (int64_t t = 0; t <= 40; t++)
        meter_add(&m, (uint64_t)t * 100, t * SECOND / 10);
    assert_true(meter_rate(&m) == 1000);
    assert_true(meter_left(&m, 2500) == 3 && meter_left(&m, 0) == 1);
    assert_true(meter_left(&m, UINT64_MAX) == 3600000);
    assert_true(meter_due(&m) == 4 * SECOND + SECOND / 2);
    /* What stands still tells so. */
    for (int64_t t = 41; t <= 100; t++)
        meter_add(&m, 4000, t * SECOND / 10);
    assert_true(meter_rate(&m) == 0);
}

static void every_end_has_its_word(void **state)
{
    (void)state;
    for (int e = PARCEL_NONE; e < PARCEL_ENDS; e++) {
        for (int o = PARCEL_NONE; o < e; o++)
            assert_string_not_equal(parcel_end_word((enum parcel_end)e),
                                    parcel_end_word((enum parcel_end)o));
    }
    assert_int_equal(parcel_dropped(DROP_CANCELLED), PARCEL_DECLINED);
    assert_int_equal(parcel_dropped(DROP_NO_SPACE), PARCEL_NO_SPACE);
    assert_int_equal(parcel_dropped(DROP_FAILED), PARCEL_FAILED_THERE);
    assert_int_equal(parcel_dropped(200), PARCEL_FAILED_THERE);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&dir);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    scratch_remove(&dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_arrives),
        cmocka_unit_test(it_goes_on_after_a_cut),
        cmocka_unit_test(what_is_there_must_be_its_beginning),
        cmocka_unit_test(it_changed_meanwhile),
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(what_does_not_hash_to_what_was_said),
        cmocka_unit_test(no_space_is_left),
        cmocka_unit_test(an_end_meanwhile),
        cmocka_unit_test(more_or_less_than_was_offered),
        cmocka_unit_test(a_taker_that_asks_for_too_much),
        cmocka_unit_test(never_over_what_is_there),
        cmocka_unit_test(names_are_made_harmless),
        cmocka_unit_test(the_meter),
        cmocka_unit_test(every_end_has_its_word),
    };

    return cmocka_run_group_tests(tests, make, forget);
}
