/* A direct call, from either end, to whom the peer says anything at any time, while its own user does
 * anything too. The input: who we are, then steps: a byte that says what happens, and for a message its
 * type, length and payload. */
#include <string.h>

#include "client/call.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/example.h"
#include "wire/direct.h"

#define SECOND INT64_C(1000000000)

enum { STEP_MESSAGE, STEP_TIME, STEP_RING, STEP_ACCEPT, STEP_FINISH, STEP_SAY, STEP_LOST, STEPS };

static struct example *x;

/* What a call may leave to be sent: whole messages, of which the peer knows each. */
static void check_out(struct call *k)
{
    struct cursor c = cursor_over(k->out.data, k->out.len);

    FUZZ_HOLDS(!k->out.failed);
    while (c.left > 0 && !c.failed) {
        uint8_t type = cursor_get8(&c);
        const struct message_rule *rule = message_rule(type);
        struct span payload = cursor_sized32(&c, LIMIT_TEXT_MESSAGE);

        FUZZ_HOLDS(!c.failed && rule != NULL && payload.len <= rule->limit);
        FUZZ_HOLDS((rule->from & (k->caller ? MESSAGE_FROM_CLIENT : MESSAGE_FROM_SERVER)) != 0);
    }
    buf_clear(&k->out);
}

/* The phase lets the message through, as the framer would. */
static bool may_come(const struct call *k, uint8_t type, size_t len)
{
    const struct message_rule *rule = message_rule(type);
    unsigned from = k->caller ? MESSAGE_FROM_SERVER : MESSAGE_FROM_CLIENT;

    return rule != NULL && (rule->from & from) != 0 && (rule->phase & call_phase(k)) != 0 &&
           len <= rule->limit;
}

static enum call_news hear(struct call *k, struct cursor *c, int64_t now)
{
    struct message m = {.type = cursor_get8(c)};
    enum call_news news;

    m.payload = cursor_sized16(c, UINT16_MAX);
    if (c->failed || !may_come(k, m.type, m.payload.len))
        return call_broken(k, "no such message");
    news = call_message(k, &m, now);
    FUZZ_HOLDS(news != CALL_SAID || (k->text.len > 0 && k->text.len <= LIMIT_TEXT));
    return news;
}

/* What the owner does only when it may. */
static enum call_news act(struct call *k, uint8_t step, int64_t now)
{
    bool here = !k->caller && k->state == CALL_RINGING;

    if (step == STEP_RING && k->state == CALL_WAITING && k->proven)
        call_ring(k, now);
    if (step == STEP_ACCEPT && here)
        call_accept(k);
    if (step == STEP_SAY && k->state == CALL_CHATTING)
        call_say(k, (struct span){(const uint8_t *)"hello", 5});
    if (step == STEP_FINISH)
        call_finish(k, k->state == CALL_CHATTING ? CALL_END_EOM
                       : here                    ? CALL_END_DECLINED
                                                 : CALL_END_HUNG_UP);
    return step == STEP_LOST ? call_lost(k, CALL_END_GONE) : CALL_NOTHING;
}

static void begin(struct call *k, const struct call_self *self, bool caller)
{
    if (caller)
        call_start_caller(k, self, "alice", &x->alice.public);
    else
        call_start_callee(k, self, 0);
    memcpy(k->exporter, x->exporter, sizeof k->exporter);
    if (caller)
        call_knock(k, (const uint8_t[SIZE_SIGNATURE]){0}, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct cursor c = cursor_over(data, len);
    struct call_self self;
    struct call k;
    int64_t now = 0;

    if (x == NULL)
        x = example_open();
    FUZZ_HOLDS(x != NULL);
    self = (struct call_self){"bob", &x->bob.public, x->server.fingerprint};
    begin(&k, &self, (cursor_get8(&c) & 1) != 0);
    while (c.left > 0 && !c.failed) {
        uint8_t step = cursor_get8(&c);
        bool over = k.state == CALL_OVER;
        enum call_news news;

        if (step % STEPS == STEP_TIME)
            now += step * SECOND / 8;
        news = step % STEPS == STEP_MESSAGE ? hear(&k, &c, now) : act(&k, step % STEPS, now);
        if (news == CALL_NOTHING)
            news = call_tick(&k, now);
        FUZZ_HOLDS(!over || (k.state == CALL_OVER && news == CALL_NOTHING && k.out.len == 0));
        FUZZ_HOLDS((k.state == CALL_OVER) == (k.end != CALL_END_NONE));
        check_out(&k);
    }
    call_free(&k);
    return 0;
}

static void add(struct buf *out, const char *name)
{
    struct buf m;

    buf_init(&m, 65536);
    for (size_t i = 0; i < example_count; i++) {
        if (strcmp(example_values[i].name, name) == 0)
            example_values[i].make(&m);
    }
    FUZZ_HOLDS(m.len >= MESSAGE_HEADER);
    buf_add8(out, STEP_MESSAGE);
    buf_add8(out, m.data[0]);
    buf_add_sized16(out, m.data + MESSAGE_HEADER, m.len - MESSAGE_HEADER);
    buf_free(&m);
}

/* A whole chat, as the callee and as the caller has it. */
void fuzz_seeds(fuzz_put *put, void *context)
{
    struct buf out;

    if (x == NULL)
        x = example_open();
    FUZZ_HOLDS(x != NULL);
    buf_init(&out, 65536);
    buf_add8(&out, 0);
    add(&out, "call");
    buf_add(&out, (const uint8_t[]){STEP_RING, STEP_ACCEPT, STEP_SAY}, 3);
    add(&out, "text");
    buf_add8(&out, STEP_FINISH);
    put(context, out.data, out.len);
    buf_clear(&out);
    buf_add8(&out, 1);
    add(&out, "ringing");
    add(&out, "accept");
    add(&out, "text");
    buf_add(&out, (const uint8_t[]){STEP_SAY, STEP_TIME, STEP_LOST}, 3);
    put(context, out.data, out.len);
    buf_free(&out);
}
