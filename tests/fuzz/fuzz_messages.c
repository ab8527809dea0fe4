/* Every message's payload: what can be read is written again, and that is read as the same. The
 * first byte of the input is the type. */
#include <string.h>

#include "base/limits.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/example.h"
#include "wire/direct.h"
#include "wire/file.h"
#include "wire/hello.h"
#include "wire/live.h"
#include "wire/room.h"
#include "wire/video.h"

#define SENTENCE (LIMIT_REASON + 1)

/* As a string, cut to what a sentence may have. */
static const char *sentence(struct span text, char out[static SENTENCE])
{
    size_t len = text.len < LIMIT_REASON ? text.len : LIMIT_REASON;

    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = 0;
    return out;
}

static enum err again_hello(struct span p, struct buf *out)
{
    struct wire_hello m;
    enum err e = wire_get_hello(p, &m);

    if (e == ERR_OK)
        wire_put_hello(out, &m);
    return e;
}

static enum err again_hello_ack(struct span p, struct buf *out)
{
    struct wire_hello_ack m;
    enum err e = wire_get_hello_ack(p, &m);

    if (e == ERR_OK)
        wire_put_hello_ack(out, &m);
    return e;
}

static enum err again_ack(struct span p, struct buf *out)
{
    struct wire_ack m;
    enum err e = wire_get_ack(p, &m);

    if (e == ERR_OK)
        wire_put_ack(out, &m);
    return e;
}

static enum err again_welcome(struct span p, struct buf *out)
{
    struct wire_welcome m;
    enum err e = wire_get_welcome(p, &m);

    if (e == ERR_OK)
        wire_put_welcome(out, &m);
    return e;
}

static enum err again_error(struct span p, struct buf *out)
{
    struct wire_error m;
    char text[SENTENCE];
    enum err e = wire_get_error(p, &m);

    if (e == ERR_OK)
        wire_put_error(out, m.code, sentence(m.text, text));
    return e;
}

static enum err again_refused(struct span p, struct buf *out)
{
    struct wire_refused m;
    char text[SENTENCE];
    enum err e = wire_get_refused(p, &m);

    if (e == ERR_OK)
        wire_put_refused(out, m.about, m.code, sentence(m.text, text));
    return e;
}

static enum err again_quit(struct span p, struct buf *out)
{
    struct span m;
    char text[SENTENCE];
    enum err e = wire_get_quit(p, &m);

    if (e == ERR_OK)
        wire_put_quit(out, sentence(m, text));
    return e;
}

static enum err again_members(struct span p, struct buf *out)
{
    struct wire_list list = wire_members_open(p);
    struct wire_member m;
    size_t begin = wire_members_begin(out, MESSAGE_MEMBERS);
    enum err e;

    while (wire_members_next(&list, &m, &e))
        wire_members_add(out, &m);
    wire_members_end(out, begin, list.more);
    return e;
}

static enum err again_left(struct span p, struct buf *out)
{
    struct wire_list list = wire_left_open(p);
    struct wire_left m;
    size_t begin = wire_left_begin(out);
    enum err e;

    while (wire_left_next(&list, &m, &e))
        wire_left_add(out, &m);
    message_end(out, begin);
    return e;
}

static enum err again_bindings(struct span p, struct buf *out)
{
    struct wire_list list = wire_bindings_open(p);
    struct wire_binding m;
    size_t begin = wire_bindings_begin(out);
    enum err e;

    while (wire_bindings_next(&list, &m, &e))
        wire_bindings_add(out, &m);
    message_end(out, begin);
    return e;
}

static enum err again_send(struct span p, struct buf *out)
{
    struct wire_send m;
    enum err e = wire_get_send(p, &m);

    if (e == ERR_OK)
        wire_put_send(out, m.id, m.envelope);
    return e;
}

static enum err again_sealed(struct span p, struct buf *out)
{
    struct wire_sealed m;
    enum err e = wire_get_sealed(p, &m);

    if (e == ERR_OK) {
        size_t begin = wire_sealed_begin(out, m.number, m.from, m.fingerprint);

        buf_add(out, m.envelope.data, m.envelope.len);
        message_end(out, begin);
    }
    return e;
}

static enum err again_accepted(struct span p, struct buf *out)
{
    uint64_t id, number;
    enum err e = wire_get_accepted(p, &id, &number);

    if (e == ERR_OK)
        wire_put_accepted(out, id, number);
    return e;
}

static enum err again_clips(struct span p, struct buf *out)
{
    struct wire_clip m;
    bool more;
    struct cursor c = wire_clips_open(p, &more);
    size_t begin = wire_clips_begin(out);
    enum err e;

    while (wire_clips_next(&c, &m, &e))
        wire_clips_add(out, &m);
    wire_clips_end(out, begin, more);
    return e;
}

static enum err again_play(struct span p, struct buf *out)
{
    struct wire_play m;
    enum err e = wire_get_play(p, &m);

    if (e == ERR_OK)
        wire_put_play(out, &m);
    return e;
}

static enum err again_stream(struct span p, struct buf *out)
{
    struct wire_stream m;
    enum err e = wire_get_stream(p, &m);

    if (e == ERR_OK)
        wire_put_stream(out, &m);
    return e;
}

static enum err again_frame(struct span p, struct buf *out)
{
    uint8_t head[MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD];
    struct wire_frame m;
    enum err e = wire_get_frame(p, &m);

    if (e == ERR_OK) {
        buf_add(out, head, wire_frame_head(head, &m, m.data.len));
        buf_add(out, m.data.data, m.data.len);
    }
    return e;
}

static enum err again_credit(struct span p, struct buf *out)
{
    struct wire_credit m;
    enum err e = wire_get_credit(p, &m);

    if (e == ERR_OK)
        wire_put_credit(out, &m);
    return e;
}

static enum err again_skipped(struct span p, struct buf *out)
{
    uint32_t stream, first, count;
    enum err e = wire_get_skipped(p, &stream, &first, &count);

    if (e == ERR_OK)
        wire_put_skipped(out, stream, first, count);
    return e;
}

static enum err again_seek(struct span p, struct buf *out)
{
    struct wire_seek m;
    enum err e = wire_get_seek(p, &m);

    if (e == ERR_OK)
        wire_put_seek(out, &m);
    return e;
}

static enum err again_rendition(struct span p, struct buf *out)
{
    struct wire_rendition m;
    enum err e = wire_get_rendition(p, &m);

    if (e == ERR_OK)
        wire_put_rendition(out, &m);
    return e;
}

static enum err again_stop(struct span p, struct buf *out)
{
    uint32_t stream;
    enum err e = wire_get_stop(p, &stream);

    if (e == ERR_OK)
        wire_put_stop(out, stream);
    return e;
}

static enum err again_stream_end(struct span p, struct buf *out)
{
    struct wire_stream_end m;
    char text[SENTENCE];
    enum err e = wire_get_stream_end(p, &m);

    if (e == ERR_OK)
        wire_put_stream_end(out, m.stream, (enum wire_end)m.reason, sentence(m.text, text));
    return e;
}

static enum err again_call(struct span p, struct buf *out)
{
    struct wire_call m;
    enum err e = wire_get_call(p, &m);

    if (e == ERR_OK)
        wire_put_call(out, &m);
    return e;
}

static enum err again_offer(struct span p, struct buf *out)
{
    struct wire_offer m;
    enum err e = wire_get_offer(p, &m);

    if (e == ERR_OK)
        wire_put_offer(out, &m);
    return e;
}

static enum err again_take(struct span p, struct buf *out)
{
    struct wire_take m;
    enum err e = wire_get_take(p, &m);

    if (e == ERR_OK)
        wire_put_take(out, &m);
    return e;
}

static enum err again_begin(struct span p, struct buf *out)
{
    struct wire_begin m;
    enum err e = wire_get_begin(p, &m);

    if (e == ERR_OK)
        wire_put_begin(out, &m);
    return e;
}

static enum err again_data(struct span p, struct buf *out)
{
    uint8_t head[MESSAGE_HEADER + FILE_DATA_HEAD];
    struct wire_data m;
    enum err e = wire_get_data(p, &m);

    if (e == ERR_OK) {
        buf_add(out, head, wire_data_head(head, m.file, m.bytes.len));
        buf_add(out, m.bytes.data, m.bytes.len);
    }
    return e;
}

static enum err again_end(struct span p, struct buf *out)
{
    struct wire_file_end m;
    enum err e = wire_get_file_end(p, &m);

    if (e == ERR_OK)
        wire_put_file_end(out, &m);
    return e;
}

static enum err again_kept(struct span p, struct buf *out)
{
    uint32_t file;
    enum err e = wire_get_kept(p, &file);

    if (e == ERR_OK)
        wire_put_kept(out, file);
    return e;
}

static enum err again_drop(struct span p, struct buf *out)
{
    struct wire_drop_file m;
    enum err e = wire_get_drop(p, &m);

    if (e == ERR_OK)
        wire_put_drop(out, &m);
    return e;
}

static enum err again_cast(struct span p, struct buf *out)
{
    struct wire_cast m;
    enum err e = wire_get_cast(p, &m);

    if (e == ERR_OK)
        wire_put_cast(out, &m);
    return e;
}

static enum err again_live(struct span p, struct buf *out)
{
    struct wire_cast m;
    enum err e = wire_get_live(p, &m);

    if (e == ERR_OK)
        wire_put_live(out, &m);
    return e;
}

static enum err again_casts(struct span p, struct buf *out)
{
    struct cursor list = cursor_over(p.data, p.len);
    size_t begin = message_begin(out, MESSAGE_CASTS);
    struct wire_cast m;
    enum err e;

    while (wire_casts_next(&list, &m, &e))
        wire_casts_add(out, &m);
    message_end(out, begin);
    return e;
}

static enum err again_shot(struct span p, struct buf *out)
{
    uint8_t head[SHOT_HEAD];
    struct wire_shot m;
    enum err e = wire_get_shot(p, &m);

    if (e == ERR_OK) {
        buf_add(out, head, wire_shot_head(head, &m, m.data.len));
        buf_add(out, m.data.data, m.data.len);
    }
    return e;
}

static enum err again_grant(struct span p, struct buf *out)
{
    uint32_t number, bytes;
    enum err e = wire_get_pair(p, &number, &bytes);

    if (e == ERR_OK)
        wire_put_pair(out, MESSAGE_GRANT, number, bytes);
    return e;
}

static enum err again_casting(struct span p, struct buf *out)
{
    uint32_t number;
    enum err e = wire_get_number(p, &number);

    if (e == ERR_OK)
        wire_put_number(out, MESSAGE_CASTING, number);
    return e;
}

static enum err end_with(struct buf *out, size_t begin, const struct wire_pass *m)
{
    buf_add(out, m->envelope.data, m->envelope.len);
    message_end(out, begin);
    return ERR_OK;
}

static enum err again_ask(struct span p, struct buf *out)
{
    struct wire_pass m;
    enum err e = wire_get_ask(p, &m);

    return e == ERR_OK ? end_with(out, wire_ask_begin(out, m.number), &m) : e;
}

static enum err again_asked(struct span p, struct buf *out)
{
    struct wire_pass m;
    enum err e = wire_get_asked(p, &m);

    return e == ERR_OK ? end_with(out, wire_asked_begin(out, &m), &m) : e;
}

static enum err again_give(struct span p, struct buf *out)
{
    struct wire_pass m;
    enum err e = wire_get_give(p, &m);

    return e == ERR_OK ? end_with(out, wire_give_begin(out, m.number, m.viewer), &m) : e;
}

static const struct {
    uint8_t type;
    enum err (*again)(struct span payload, struct buf *out);
} readers[] = {
    {MESSAGE_HELLO, again_hello},
    {MESSAGE_HELLO_ACK, again_hello_ack},
    {MESSAGE_ACK, again_ack},
    {MESSAGE_WELCOME, again_welcome},
    {MESSAGE_ERROR, again_error},
    {MESSAGE_QUIT, again_quit},
    {MESSAGE_REFUSED, again_refused},
    {MESSAGE_MEMBERS, again_members},
    {MESSAGE_LEFT, again_left},
    {MESSAGE_BINDINGS, again_bindings},
    {MESSAGE_SEND, again_send},
    {MESSAGE_SEALED, again_sealed},
    {MESSAGE_ACCEPTED, again_accepted},
    {MESSAGE_CLIPS, again_clips},
    {MESSAGE_PLAY, again_play},
    {MESSAGE_STREAM, again_stream},
    {MESSAGE_FRAME, again_frame},
    {MESSAGE_CREDIT, again_credit},
    {MESSAGE_SKIPPED, again_skipped},
    {MESSAGE_SEEK, again_seek},
    {MESSAGE_STOP, again_stop},
    {MESSAGE_STREAM_END, again_stream_end},
    {MESSAGE_RENDITION, again_rendition},
    {MESSAGE_CALL, again_call},
    {MESSAGE_OFFER, again_offer},
    {MESSAGE_TAKE, again_take},
    {MESSAGE_BEGIN, again_begin},
    {MESSAGE_DATA, again_data},
    {MESSAGE_END, again_end},
    {MESSAGE_KEPT, again_kept},
    {MESSAGE_DROP, again_drop},
    {MESSAGE_CAST, again_cast},
    {MESSAGE_CASTING, again_casting},
    {MESSAGE_GRANT, again_grant},
    {MESSAGE_SHOT, again_shot},
    {MESSAGE_CASTS, again_casts},
    {MESSAGE_LIVE, again_live},
    {MESSAGE_ASK, again_ask},
    {MESSAGE_ASKED, again_asked},
    {MESSAGE_GIVE, again_give},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf once, twice;

    if (len < 1 || len > MESSAGE_HEADER + LIMIT_MESSAGE)
        return 0;
    buf_init(&once, 2 * LIMIT_MESSAGE);
    buf_init(&twice, 2 * LIMIT_MESSAGE);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (readers[i].type != data[0] ||
            readers[i].again((struct span){data + 1, len - 1}, &once) != ERR_OK)
            continue;
        FUZZ_HOLDS(!once.failed && once.len >= MESSAGE_HEADER && once.data[0] == data[0]);
        FUZZ_HOLDS(once.len - MESSAGE_HEADER <= len - 1); /* without the fields */
        FUZZ_HOLDS(
            readers[i].again((struct span){once.data + MESSAGE_HEADER, once.len - MESSAGE_HEADER},
                             &twice) == ERR_OK);
        FUZZ_HOLDS(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    }
    buf_free(&once);
    buf_free(&twice);
    return 0;
}

/* Type and payload of one whole message. */
static void give(struct buf *out, fuzz_put *put, void *context)
{
    out->data[MESSAGE_HEADER - 1] = out->data[0];
    put(context, out->data + MESSAGE_HEADER - 1, out->len - (MESSAGE_HEADER - 1));
    buf_clear(out);
}

static void give_cast(struct buf *out, fuzz_put *put, void *context)
{
    static const uint8_t bytes[SIZE_SPKI];
    static const struct span data = {(const uint8_t *)"data", 4};
    const struct wire_cast cast = {7, CAST_SEALED, bytes, data, data, "cam", bytes};
    const struct wire_shot shot = {7, 0, FRAME_FIRST | FRAME_LAST, 3, 1, 4, 40000000, data};
    const struct wire_pass pass = {7, 3, "bob", bytes, data};
    uint8_t head[SHOT_HEAD];
    size_t begin;

    wire_put_cast(out, &cast);
    give(out, put, context);
    wire_put_live(out, &cast);
    give(out, put, context);
    begin = message_begin(out, MESSAGE_CASTS);
    wire_casts_add(out, &cast);
    message_end(out, begin);
    give(out, put, context);
    buf_add(out, head, wire_shot_head(head, &shot, data.len));
    buf_add(out, data.data, data.len);
    give(out, put, context);
    wire_put_pair(out, MESSAGE_GRANT, 7, 65536);
    give(out, put, context);
    wire_put_number(out, MESSAGE_CASTING, 7);
    give(out, put, context);
    end_with(out, wire_ask_begin(out, 7), &pass);
    give(out, put, context);
    end_with(out, wire_asked_begin(out, &pass), &pass);
    give(out, put, context);
    end_with(out, wire_give_begin(out, 7, 3), &pass);
    give(out, put, context);
}

static void give_film(struct buf *out, fuzz_put *put, void *context)
{
    static const struct span name = {(const uint8_t *)"film", 4};
    static const struct span thirds = {(const uint8_t *)"thirds", 6};
    const struct wire_clip clip = {name, name, 30000, 1001, 900, 3, {240, 720, 1440}};
    const struct wire_play play = {7, name, thirds, 3, 65536};
    const struct wire_stream stream = {7, clip, {426, 1280, 2560}, {240, 720, 1440}, thirds};
    const struct wire_frame frame = {7, 0,         FRAME_FIRST | FRAME_LAST,    3, 720, 3,
                                     4, 100100100, {(const uint8_t *)"data", 4}};
    uint8_t head[MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD];
    size_t begin = wire_clips_begin(out);

    wire_clips_add(out, &clip);
    wire_clips_end(out, begin, true);
    give(out, put, context);
    wire_put_play(out, &play);
    give(out, put, context);
    wire_put_stream(out, &stream);
    give(out, put, context);
    buf_add(out, head, wire_frame_head(head, &frame, frame.data.len));
    buf_add(out, frame.data.data, frame.data.len);
    give(out, put, context);
    wire_put_credit(out, &(struct wire_credit){7, 65536, 4});
    give(out, put, context);
    wire_put_skipped(out, 7, 4, 2);
    give(out, put, context);
    wire_put_seek(out, &(struct wire_seek){7, 8, 100});
    give(out, put, context);
    wire_put_stop(out, 8);
    give(out, put, context);
    wire_put_stream_end(out, 8, END_BROKEN, "the file can't be read on");
    give(out, put, context);
}

static void give_file(struct buf *out, fuzz_put *put, void *context)
{
    static const uint8_t hash[SIZE_FILE_HASH] = {1, 2, 3};
    uint8_t head[MESSAGE_HEADER + FILE_DATA_HEAD];

    wire_put_offer(out, &(struct wire_offer){1, hash, 5, 6, {(const uint8_t *)"a.jpg", 5}});
    give(out, put, context);
    wire_put_take(out, &(struct wire_take){1, 2, hash});
    give(out, put, context);
    wire_put_begin(out, &(struct wire_begin){1, 2});
    give(out, put, context);
    buf_add(out, head, wire_data_head(head, 1, 3));
    buf_add(out, "abc", 3);
    give(out, put, context);
    wire_put_file_end(out, &(struct wire_file_end){1, hash});
    give(out, put, context);
    wire_put_kept(out, 1);
    give(out, put, context);
    wire_put_drop(out, &(struct wire_drop_file){1, DROP_CHANGED});
    give(out, put, context);
}

static void give_ends(struct buf *out, fuzz_put *put, void *context)
{
    static const uint8_t key[SIZE_FINGERPRINT] = {1, 2, 3};
    size_t begin = wire_left_begin(out);

    wire_left_add(out, &(struct wire_left){"alice", key, LEFT_LOST});
    message_end(out, begin);
    give(out, put, context);
    wire_put_error(out, CODE_SLOW, "too much waited for you");
    give(out, put, context);
    wire_put_refused(out, 1u << 20, CODE_STORE, "the disk is full");
    give(out, put, context);
    wire_put_quit(out, "bye");
    give(out, put, context);
    begin = wire_sealed_begin(out, 9, "bob", key);
    buf_add(out, key, sizeof key);
    message_end(out, begin);
    give(out, put, context);
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    struct buf out;

    FUZZ_HOLDS(example_open() != NULL);
    buf_init(&out, 1u << 20);
    for (size_t k = 0; k < example_count; k++) {
        static const char *const messages[] = {"hello",   "hello-ack", "ack",
                                               "welcome", "members",   "bindings",
                                               "send",    "accepted",  "call"};

        for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
            if (strcmp(example_values[k].name, messages[i]) == 0) {
                example_values[k].make(&out);
                give(&out, put, context);
            }
        }
    }
    give_film(&out, put, context);
    give_cast(&out, put, context);
    give_file(&out, put, context);
    give_ends(&out, put, context);
    buf_free(&out);
    example_close();
}
