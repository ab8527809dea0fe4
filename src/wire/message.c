#include "wire/message.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/talk.h"

#define CLIENT MESSAGE_FROM_CLIENT
#define SERVER MESSAGE_FROM_SERVER
#define BOTH MESSAGE_FROM_BOTH

/* In rising order of the types. */
static const struct message_rule rules[] = {
    {"HELLO", MESSAGE_HELLO, CLIENT, PHASE_HELLO, LIMIT_HELLO},
    {"HELLO+ACK", MESSAGE_HELLO_ACK, SERVER, PHASE_HELLO, LIMIT_HELLO},
    {"ACK", MESSAGE_ACK, CLIENT, PHASE_ACK, LIMIT_HELLO},
    {"WELCOME", MESSAGE_WELCOME, SERVER, PHASE_ACK, LIMIT_HELLO},
    {"ERROR", MESSAGE_ERROR, BOTH, PHASE_ANY, LIMIT_HELLO},
    {"QUIT", MESSAGE_QUIT, BOTH, PHASE_ANY, LIMIT_HELLO},
    {"REFUSED", MESSAGE_REFUSED, SERVER, PHASE_ROOM, LIMIT_HELLO},
    {"MEMBERS", MESSAGE_MEMBERS, SERVER, PHASE_ROOM, LIMIT_LIST},
    {"JOINED", MESSAGE_JOINED, SERVER, PHASE_ROOM, LIMIT_LIST},
    {"LEFT", MESSAGE_LEFT, SERVER, PHASE_ROOM, LIMIT_LIST},
    {"BINDINGS", MESSAGE_BINDINGS, SERVER, PHASE_ROOM, LIMIT_LIST},
    {"SESSION_KEY", MESSAGE_SESSION_KEY, SERVER, PHASE_ROOM, LIMIT_HELLO},
    {"LINE", MESSAGE_LINE, BOTH, PHASE_ROOM, WIRE_TALK_LINE},
    {"CLOSE", MESSAGE_CLOSE, BOTH, PHASE_ROOM, LIMIT_HELLO},
    {"SEND", MESSAGE_SEND, CLIENT, PHASE_ROOM, LIMIT_MESSAGE},
    {"SEALED", MESSAGE_SEALED, SERVER, PHASE_ROOM, LIMIT_MESSAGE},
    {"ACCEPTED", MESSAGE_ACCEPTED, SERVER, PHASE_ROOM, 64},
    {"RESUME", MESSAGE_RESUME, CLIENT, PHASE_ROOM, 64},
    {"PAST", MESSAGE_PAST, SERVER, PHASE_ROOM, LIMIT_MESSAGE},
    {"PAST_END", MESSAGE_PAST_END, SERVER, PHASE_ROOM, 64},
    {"LIST", MESSAGE_LIST, CLIENT, PHASE_ROOM, 64},
    {"CLIPS", MESSAGE_CLIPS, SERVER, PHASE_ROOM, LIMIT_LIST},
    {"PLAY", MESSAGE_PLAY, CLIENT, PHASE_ROOM, 512},
    {"STREAM", MESSAGE_STREAM, SERVER, PHASE_ROOM, 1024},
    {"FRAME", MESSAGE_FRAME, SERVER, PHASE_ROOM, LIMIT_CHUNK},
    {"CREDIT", MESSAGE_CREDIT, CLIENT, PHASE_ROOM, 64},
    {"SKIPPED", MESSAGE_SKIPPED, SERVER, PHASE_ROOM, 64},
    {"SEEK", MESSAGE_SEEK, CLIENT, PHASE_ROOM, 64},
    {"STOP", MESSAGE_STOP, CLIENT, PHASE_ROOM, 64},
    {"STREAM_END", MESSAGE_STREAM_END, SERVER, PHASE_ROOM, 512},
    {"CALL", MESSAGE_CALL, CLIENT, PHASE_CALL, LIMIT_HELLO},
    {"RINGING", MESSAGE_RINGING, SERVER, PHASE_CALL, LIMIT_HELLO},
    {"ACCEPT", MESSAGE_ACCEPT, SERVER, PHASE_RING, LIMIT_HELLO},
    {"DECLINE", MESSAGE_DECLINE, SERVER, PHASE_RING, LIMIT_HELLO},
    {"TEXT", MESSAGE_TEXT, BOTH, PHASE_CHAT, LIMIT_TEXT_MESSAGE},
    {"EOM", MESSAGE_EOM, BOTH, PHASE_CHAT, LIMIT_HELLO},
};

const struct message_rule *message_rule(uint8_t type)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].type == type)
            return &rules[i];
    }
    return NULL;
}

void message_header(uint8_t out[static MESSAGE_HEADER], uint8_t type, size_t len)
{
    out[0] = type;
    bytes_put32(out + 1, (uint32_t)len);
}

size_t message_begin(struct buf *out, uint8_t type)
{
    size_t begin = out->len;

    buf_add8(out, type);
    buf_add32(out, 0);
    return begin;
}

void message_end(struct buf *out, size_t begin)
{
    if (!out->failed)
        bytes_put32(out->data + begin + 1, (uint32_t)(out->len - begin - MESSAGE_HEADER));
}
