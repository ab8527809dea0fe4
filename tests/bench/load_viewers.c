/* load_viewers den|https PORT COUNT aes|chacha PID SECONDS [fps]: COUNT viewers of one clip take it as
 * fast as it comes and throw it away; with fps as fast as den's player would at 25 frames a second. It
 * starts again at the clip's end. Prints what came in SECONDS after all were served, in bytes, and what
 * the process PID, this one, and the clock took for it, in ns:
 *
 *     bytes CPU OWN WALL ALL
 *
 * ALL: the bytes that came since it started. den: the clip `film`, 720p; https: GET /film/720p.mjpeg,
 * and with fps the server keeps the pace by itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "platform/now.h"
#include "player/credit.h"
#include "tests/kit/comer.h"
#include "tests/kit/keys.h"
#include "wire/hello.h"
#include "wire/video.h"

#define MOST 256
#define WARM_NS INT64_C(500000000) /* after the first byte of the last viewer */
#define PATIENCE_NS INT64_C(20000000000)
#define FRAME_NS INT64_C(40000000) /* 25 a second */

struct viewer {
    struct comer comer; /* its tap alone, of an https server */
    struct credit credit;
    uint64_t bytes;    /* that came, of the clip */
    uint32_t stream;   /* its number */
    uint32_t arrived;  /* whole frames */
    uint32_t shown;    /* the same, of them */
    uint64_t ahead;    /* bytes of those that were not */
    int64_t show_at;   /* the next; 0: none came yet */
    uint64_t expected; /* https: bytes of the answer that are to come; 0: its head */
    bool asks_out;     /* epoll is to tell when more can be written */
};

static struct viewer *viewers;
static size_t count;
static bool paced;

static void fail(const char *why)
{
    fprintf(stderr, "load_viewers: %s\n", why);
    exit(1);
}

static void flush(struct viewer *v, struct buf *out)
{
    tap_send(&v->comer.tap, out->data, out->len);
    buf_free(out);
}

static void play(struct viewer *v)
{
    struct wire_play m = {.stream = v->stream = 1,
                          .clip = {(const uint8_t *)"film", 4},
                          .schedule = {(const uint8_t *)"720", 3}};
    struct buf out;

    credit_start(&v->credit, now_ns());
    m.credit = (uint32_t)credit_grant(&v->credit, 0, 0, now_ns());
    buf_init(&out, LIMIT_HELLO);
    wire_put_play(&out, &m);
    flush(v, &out);
}

static void again(struct viewer *v)
{
    struct wire_seek m = {.stream = v->stream, .as = v->stream + 1};
    struct buf out;

    v->stream = m.as;
    buf_init(&out, LIMIT_HELLO);
    wire_put_seek(&out, &m);
    flush(v, &out);
}

static void grant(struct viewer *v, int64_t now)
{
    uint32_t waiting = paced ? v->arrived - v->shown : 0;
    size_t bytes = credit_grant(&v->credit, paced ? (size_t)v->ahead : 0, waiting * FRAME_NS, now);
    struct wire_credit m = {.stream = v->stream, .bytes = (uint32_t)bytes};
    struct buf out;

    if (bytes == 0)
        return;
    buf_init(&out, LIMIT_HELLO);
    wire_put_credit(&out, &m);
    flush(v, &out);
}

static void take_frame(struct viewer *v, const struct message *m)
{
    struct wire_frame f;
    int64_t now = now_ns();

    if (wire_get_frame(m->payload, &f) != ERR_OK)
        fail("not a frame");
    v->bytes += f.data.len;
    v->ahead += f.data.len;
    v->arrived += (f.flags & FRAME_LAST) != 0;
    if (v->show_at == 0 && v->arrived > 0)
        v->show_at = now;
    credit_received(&v->credit, f.data.len, now);
    grant(v, now);
}

static void message(struct comer *c, const struct message *m)
{
    struct viewer *v = c->owner;

    if (m->type == MESSAGE_FRAME)
        take_frame(v, m);
    else if (m->type == MESSAGE_STREAM_END)
        again(v);
    else if (m->type == MESSAGE_REFUSED)
        fail("the server refuses to play");
}

/* Shows what is due, in the pace of the film. */
static void show(struct viewer *v, int64_t now)
{
    while (v->show_at != 0 && v->show_at <= now && v->shown < v->arrived) {
        v->ahead -= v->ahead / (v->arrived - v->shown);
        v->shown++;
        v->show_at += FRAME_NS;
    }
    if (v->comer.entered && v->stream != 0)
        grant(v, now);
}

static void got_tls(struct tap *t)
{
    (void)t;
}

static void ask_https(struct tap *t)
{
    static const char get[] = "GET /film/720p.mjpeg HTTP/1.1\r\nHost: bench\r\n\r\n";

    tap_send(t, get, sizeof get - 1);
}

/* The head's one interesting line is Content-Length, and it comes whole. */
static size_t take_head(struct viewer *v, const char *p, size_t len)
{
    char head[2048] = "";
    const char *end, *length;

    memcpy(head, p, len < sizeof head - 1 ? len : sizeof head - 1);
    end = strstr(head, "\r\n\r\n");
    length = strstr(head, "Content-Length: ");
    if (strncmp(head, "HTTP/1.1 200", 12) != 0 || end == NULL || length == NULL)
        fail("not the answer that was expected");
    v->expected = strtoull(length + 16, NULL, 10);
    return (size_t)(end + 4 - head);
}

static void got_https(struct tap *t, const uint8_t *p, size_t len)
{
    struct viewer *v = t->owner;

    if (v->expected == 0)
        len -= take_head(v, (const char *)p, len);
    v->bytes += len;
    v->expected -= len < v->expected ? len : v->expected;
    if (v->expected == 0)
        ask_https(t);
}

static int64_t cpu_of(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        fail("no such process");
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static bool work(struct viewer *v, bool https)
{
    return https ? tap_work(&v->comer.tap) : comer_work(&v->comer);
}

/* One after the other: a hello is not what is measured. */
static void enter(int poll, size_t i, uint16_t port, uint16_t suite, bool https,
                  struct random *random)
{
    struct viewer *v = &viewers[i];
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.u64 = i};
    char name[32];
    bool ok;

    v->asks_out = true;
    v->comer.message = message;
    v->comer.owner = v;
    snprintf(name, sizeof name, "v%zu", i);
    if (https) {
        v->comer.tap.opened = got_tls;
        v->comer.tap.got = got_https;
        v->comer.tap.owner = v;
        ok = tap_open(&v->comer.tap, port, suite, random);
    } else {
        ok = comer_open(&v->comer, port, suite, name, keys_get(1), random);
    }
    if (!ok || epoll_ctl(poll, EPOLL_CTL_ADD, v->comer.tap.fd, &e) != 0)
        fail(strerror(errno));
}

static void ask_out(int poll, struct viewer *v)
{
    bool wants = tap_wants_write(&v->comer.tap);
    struct epoll_event e = {.events = EPOLLIN | (wants ? EPOLLOUT : 0),
                            .data.u64 = (uint64_t)(v - viewers)};

    if (wants != v->asks_out)
        epoll_ctl(poll, EPOLL_CTL_MOD, v->comer.tap.fd, &e);
    v->asks_out = wants;
}

static void turn(int poll, bool https)
{
    struct epoll_event ready[MOST];
    int n = epoll_wait(poll, ready, MOST, paced && !https ? 5 : 1000);

    for (int i = 0; i < n; i++) {
        struct viewer *v = &viewers[ready[i].data.u64];

        if (!work(v, https))
            fail("a viewer was thrown out");
        ask_out(poll, v);
    }
    for (size_t i = 0; paced && !https && i < count; i++) {
        show(&viewers[i], now_ns());
        tap_work(&viewers[i].comer.tap);
    }
}

static void turn_before(int poll, bool https, int64_t end)
{
    if (now_ns() >= end)
        fail("a viewer sees nothing");
    turn(poll, https);
}

static uint64_t all_bytes(void)
{
    uint64_t all = 0;

    for (size_t i = 0; i < count; i++)
        all += viewers[i].bytes;
    return all;
}

static void turn_until(int poll, bool https, int64_t end)
{
    while (now_ns() < end)
        turn(poll, https);
}

/* Each is in, then all begin. */
static void start(int poll, bool https)
{
    int64_t end = now_ns() + PATIENCE_NS;

    for (size_t i = 0; i < count; i++) {
        while (https ? !viewers[i].comer.tap.shaken : !viewers[i].comer.entered)
            turn_before(poll, https, end);
    }
    for (size_t i = 0; i < count; i++) {
        if (https)
            ask_https(&viewers[i].comer.tap);
        else
            play(&viewers[i]);
        work(&viewers[i], https);
    }
    for (size_t i = 0; i < count; i++) {
        while (viewers[i].bytes == 0)
            turn_before(poll, https, end);
    }
}

static void measure(int poll, bool https, clockid_t clock, double seconds)
{
    uint64_t bytes;
    int64_t cpu, own, wall;

    turn_until(poll, https, now_ns() + WARM_NS);
    bytes = all_bytes();
    cpu = cpu_of(clock);
    own = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    wall = now_ns();
    turn_until(poll, https, wall + (int64_t)(seconds * 1e9));
    printf("%llu %lld %lld %lld %llu\n", (unsigned long long)(all_bytes() - bytes),
           (long long)(cpu_of(clock) - cpu), (long long)(cpu_of(CLOCK_PROCESS_CPUTIME_ID) - own),
           (long long)(now_ns() - wall), (unsigned long long)all_bytes());
}

int main(int argc, char **argv)
{
    struct random random = keys_random(1);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    bool https;
    uint16_t suite;
    clockid_t clock;

    if (argc < 7 || (count = strtoul(argv[3], NULL, 10)) > MOST) {
        fprintf(stderr, "usage: load_viewers den|https PORT COUNT aes|chacha PID SECONDS [fps]\n");
        return 2;
    }
    https = strcmp(argv[1], "https") == 0;
    suite = strcmp(argv[4], "aes") == 0 ? BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                                        : BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256;
    paced = argc > 7;
    viewers = calloc(count, sizeof *viewers);
    if (viewers == NULL || clock_getcpuclockid((pid_t)atol(argv[5]), &clock) != 0)
        fail("no memory, or no such process");
    for (size_t i = 0; i < count; i++)
        enter(poll, i, (uint16_t)atoi(argv[2]), suite, https, &random);
    start(poll, https);
    measure(poll, https, clock, strtod(argv[6], NULL));
    return 0;
}
