/* MQTT 3.1.1 (OASIS), as much of it as says something to all who subscribed, at most once (QoS 0). */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tests/bench/crowd/crowd.h"

#define TOPIC "room"
enum { CONNECT = 0x10, CONNACK = 0x20, PUBLISH = 0x30, SUBSCRIBE = 0x82, SUBACK = 0x90 };

/* Everybody but the first, who is the one that speaks: to itself it would be a delivery more. */
static bool subscribes(const struct conn *c)
{
    return c->number != 0;
}

static void send_packet(struct conn *c, uint8_t type, const struct buf *body)
{
    struct buf out;
    size_t left = body->len;

    buf_init(&out, 8192);
    buf_add8(&out, type);
    do {
        buf_add8(&out, (uint8_t)(left % 128 + (left >= 128 ? 128 : 0)));
        left /= 128;
    } while (left > 0);
    buf_add(&out, body->data, body->len);
    conn_send(c, out.data, out.len);
    buf_free(&out);
}

static void begin(struct conn *c)
{
    struct buf body;
    char name[32];

    snprintf(name, sizeof name, "%s%u", c->crowd->prefix, c->number);
    buf_init(&body, 256);
    buf_add_sized16(&body, "MQTT", 4);
    buf_add8(&body, 4);  /* 3.1.1 */
    buf_add8(&body, 2);  /* a clean session */
    buf_add16(&body, 0); /* no keepalive */
    buf_add_sized16(&body, name, strlen(name));
    send_packet(c, CONNECT, &body);
    buf_free(&body);
}

static void subscribe(struct conn *c)
{
    struct buf body;

    buf_init(&body, 256);
    buf_add16(&body, 1);
    buf_add_sized16(&body, TOPIC, strlen(TOPIC));
    buf_add8(&body, 0);
    send_packet(c, SUBSCRIBE, &body);
    buf_free(&body);
}

static void on_packet(struct conn *c, uint8_t type, const uint8_t *p, size_t len)
{
    if (type == CONNACK && subscribes(c))
        subscribe(c);
    else if (type == SUBACK || type == CONNACK)
        crowd_ready(c);
    else if ((type & 0xf0) == PUBLISH && len >= CROWD_MESSAGE)
        crowd_heard(c, p + len - CROWD_DIGITS);
}

/* One whole packet at the beginning of p: its bytes, or 0. */
static size_t whole(const uint8_t *p, size_t len, size_t *head)
{
    size_t body = 0;

    for (size_t i = 1; i < len && i < 5; i++) {
        body += (size_t)(p[i] & 127) << (7 * (i - 1));
        if (p[i] < 128) {
            *head = i + 1;
            return len >= *head + body ? *head + body : 0;
        }
    }
    return 0;
}

static void take(struct conn *c, const uint8_t *p, size_t len)
{
    size_t head, n;

    if (c->partial.len > 0) {
        buf_add(&c->partial, p, len);
        p = c->partial.data;
        len = c->partial.len;
    }
    while ((n = whole(p, len, &head)) > 0) {
        on_packet(c, p[0], p + head, n - head);
        p += n;
        len -= n;
    }
    if (c->partial.len > 0)
        buf_drop(&c->partial, c->partial.len - len);
    else if (len > 0)
        buf_add(&c->partial, p, len);
}

static void say(struct conn *c, const uint8_t message[static CROWD_MESSAGE])
{
    struct buf body;

    buf_init(&body, 4096);
    buf_add_sized16(&body, TOPIC, strlen(TOPIC));
    buf_add(&body, message, CROWD_MESSAGE);
    send_packet(c, PUBLISH, &body);
    buf_free(&body);
}

const struct speech speech_mqtt = {"mqtt", begin, take, say};
