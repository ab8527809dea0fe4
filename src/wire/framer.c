#include "wire/framer.h"

#include "base/bytes.h"
#include "base/limits.h"

void framer_init(struct framer *f, enum message_from from)
{
    *f = (struct framer){.from = from, .phase = PHASE_HELLO};
    buf_init(&f->partial, MESSAGE_HEADER + LIMIT_MESSAGE);
}

void framer_free(struct framer *f)
{
    buf_free(&f->partial);
}

/* A large message came: its memory is not kept for a session that idles. */
size_t framer_settle(struct framer *f)
{
    if (!f->taken)
        return f->partial.cap;
    if (f->partial.cap > LIMIT_CHUNK * 2)
        buf_free(&f->partial);
    buf_clear(&f->partial);
    f->taken = false;
    return f->partial.cap;
}

void framer_drop(struct framer *f)
{
    f->refused = CODE_FULL;
    f->taken = false;
    buf_free(&f->partial);
}

static enum framer_result refuse(struct framer *f, const char *sentence, const char **why)
{
    f->refused = f->refused != 0 ? f->refused : CODE_PROTOCOL;
    *why = sentence;
    return FRAMER_REFUSED;
}

/* NULL if a message with this header may come now, else what is wrong with it. */
static const char *header_problem(const struct framer *f, const uint8_t header[static 5])
{
    const struct message_rule *rule = message_rule(header[0]);
    uint32_t len = bytes_get32(header + 1);

    if (rule == NULL && header[0] >= MESSAGE_IGNORABLE &&
        (f->phase == PHASE_ROOM || f->phase == PHASE_CHAT || f->phase == PHASE_FILES))
        return len > LIMIT_LIST ? "message over its limit" : NULL;
    if (rule == NULL)
        return "unknown message";
    if ((rule->from & (unsigned)f->from) == 0 || (rule->phase & (unsigned)f->phase) == 0)
        return "message not allowed now";
    return len > rule->limit ? "message over its limit" : NULL;
}

static void give(struct message *out, const uint8_t *whole)
{
    out->type = whole[0];
    out->payload = (struct span){whole + MESSAGE_HEADER, bytes_get32(whole + 1)};
}

/* Moves input into partial until it holds want bytes; false if the input, or memory, ran out first. */
static bool fill(struct framer *f, struct cursor *in, size_t want)
{
    size_t missing = want - f->partial.len;
    size_t n = missing < in->left ? missing : in->left;

    buf_add(&f->partial, cursor_take(in, n), n);
    return f->partial.len >= want;
}

static enum framer_result more(struct framer *f, const char **why)
{
    if (!f->partial.failed)
        return FRAMER_MORE;
    framer_drop(f);
    *why = "out of memory";
    return FRAMER_REFUSED;
}

enum framer_result framer_next(struct framer *f, struct cursor *in, struct message *out,
                               const char **why)
{
    const char *problem;

    if (f->refused != 0)
        return refuse(f, "stream already refused", why);
    framer_settle(f);
    if (f->partial.len == 0 && in->left >= MESSAGE_HEADER) {
        size_t len = bytes_get32(in->at + 1);

        problem = header_problem(f, in->at);
        if (problem != NULL)
            return refuse(f, problem, why);
        if (in->left - MESSAGE_HEADER >= len) {
            give(out, cursor_take(in, MESSAGE_HEADER + len));
            return FRAMER_MESSAGE;
        }
    }
    if (f->partial.len < MESSAGE_HEADER) {
        if (!fill(f, in, MESSAGE_HEADER))
            return more(f, why);
        problem = header_problem(f, f->partial.data);
        if (problem != NULL)
            return refuse(f, problem, why);
    }
    if (!fill(f, in, MESSAGE_HEADER + bytes_get32(f->partial.data + 1)))
        return more(f, why);
    give(out, f->partial.data);
    f->taken = true;
    return FRAMER_MESSAGE;
}
