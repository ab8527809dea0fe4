/* load_hellos tls|join PORT AT_ONCE PID SECONDS: AT_ONCE clients shake hands with a TLS server (tls), or
 * come into den's room as far as the session key, the second private-key operation (join), leave at once,
 * and come again. Prints how many did in SECONDS, and what the process PID, this one, and the clock took
 * for it, in ns:
 *
 *     count CPU OWN WALL ALL
 *
 * ALL: how many since it started.
 *
 * load_hellos floor tls|join SECONDS: the same of BearSSL's engine alone, without a socket, and for a join
 * of one private operation more; OWN is all. load_hellos aes|chacha SECONDS: bytes of records of 16 KiB
 * that are sealed, by the code that the engines use. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/gcm.h"
#include "platform/now.h"
#include "tests/kit/comer.h"
#include "tests/kit/keys.h"
#include "wire/hello.h"

#define MOST 64
#define RECORD 16384
#define WARM_NS INT64_C(300000000)

struct caller {
    struct comer comer; /* its tap alone, where it only shakes hands */
    bool done;
};

static struct caller callers[MOST];
static uint64_t count, all;

static void fail(const char *why)
{
    fprintf(stderr, "load_hellos: %s\n", why);
    exit(1);
}

static int64_t cpu_of(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        fail("no such process");
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void shaken(struct tap *t)
{
    ((struct caller *)t->owner)->done = true;
}

static void got(struct tap *t, const uint8_t *p, size_t len)
{
    (void)t;
    (void)p;
    (void)len;
}

static void message(struct comer *c, const struct message *m)
{
    if (m->type == MESSAGE_SESSION_KEY)
        ((struct caller *)c->owner)->done = true;
}

static void call(struct caller *c, uint16_t port, bool join, struct random *random)
{
    char name[32];
    bool ok;

    c->done = false;
    c->comer.owner = c;
    c->comer.message = message;
    c->comer.features = FEATURE_TALK;
    snprintf(name, sizeof name, "c%d", (int)(c - callers));
    if (join) {
        ok = comer_open(&c->comer, port, 0, name, keys_get(1), random);
    } else {
        c->comer.tap.opened = shaken;
        c->comer.tap.got = got;
        c->comer.tap.owner = c;
        ok = tap_open(&c->comer.tap, port, 0, random);
    }
    if (!ok)
        fail(strerror(errno));
}

static void work(struct caller *c, uint16_t port, bool join, struct random *random)
{
    if (!(join ? comer_work(&c->comer) : tap_work(&c->comer.tap)) && !c->done)
        fail("thrown out");
    if (!c->done)
        return;
    count++;
    if (join)
        comer_close(&c->comer);
    else
        tap_close(&c->comer.tap);
    call(c, port, join, random);
}

static void turn_until(size_t n, uint16_t port, bool join, struct random *random, int64_t end)
{
    struct pollfd fds[MOST];

    while (now_ns() < end) {
        for (size_t i = 0; i < n; i++) {
            struct tap *t = &callers[i].comer.tap;
            bool out = !t->connected || tap_wants_write(t);

            fds[i] = (struct pollfd){.fd = t->fd, .events = POLLIN | (out ? POLLOUT : 0)};
        }
        poll(fds, n, 100);
        for (size_t i = 0; i < n; i++) {
            if (fds[i].revents != 0)
                work(&callers[i], port, join, random);
        }
    }
}

static int measure(char **argv)
{
    struct random random = keys_random((unsigned)now_ns());
    bool join = strcmp(argv[1], "join") == 0;
    uint16_t port = (uint16_t)atoi(argv[2]);
    size_t n = strtoul(argv[3], NULL, 10);
    clockid_t clock;
    int64_t cpu, own, wall;

    if (n == 0 || n > MOST || clock_getcpuclockid((pid_t)atol(argv[4]), &clock) != 0)
        fail("too many, or no such process");
    for (size_t i = 0; i < n; i++)
        call(&callers[i], port, join, &random);
    turn_until(n, port, join, &random, now_ns() + WARM_NS);
    all = count;
    count = 0;
    cpu = cpu_of(clock);
    own = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    wall = now_ns();
    turn_until(n, port, join, &random, wall + (int64_t)(strtod(argv[5], NULL) * 1e9));
    printf("%llu %lld %lld %lld %llu\n", (unsigned long long)count,
           (long long)(cpu_of(clock) - cpu), (long long)(cpu_of(CLOCK_PROCESS_CPUTIME_ID) - own),
           (long long)(now_ns() - wall), (unsigned long long)(all + count));
    return 0;
}

static void tell_floor(int64_t spent)
{
    printf("%llu %lld %lld %lld %llu\n", (unsigned long long)count, (long long)spent,
           (long long)spent, (long long)spent, (unsigned long long)count);
}

/* What one engine has to send goes to the other. */
static bool pass(br_ssl_engine_context *from, br_ssl_engine_context *to)
{
    size_t len, room;
    unsigned char *p = br_ssl_engine_sendrec_buf(from, &len);
    unsigned char *q = p == NULL ? NULL : br_ssl_engine_recvrec_buf(to, &room);

    if (q == NULL)
        return false;
    len = len < room ? len : room;
    memcpy(q, p, len);
    br_ssl_engine_sendrec_ack(from, len);
    br_ssl_engine_recvrec_ack(to, len);
    return true;
}

/* One handshake; what the server's side took. The client's moves between two looks at the clock. */
static int64_t shake(const struct cert *cert, struct random *random)
{
    static uint8_t buffers[2][PROFILE_BUFFER];
    static br_ssl_server_context server;
    static br_ssl_client_context client;
    static struct pin pin;
    int64_t spent = 0, at;

    pin_init(&pin, NULL);
    at = cpu_of(CLOCK_THREAD_CPUTIME_ID);
    if (!profile_server(&server, keys_get(0), cert, buffers[0], random))
        fail("no server");
    spent += cpu_of(CLOCK_THREAD_CPUTIME_ID) - at;
    if (!profile_client(&client, &pin, buffers[1], random))
        fail("no client");
    while ((br_ssl_engine_current_state(&client.eng) & BR_SSL_SENDAPP) == 0) {
        bool moved;

        /* What the server takes and makes: its part of both passes. */
        at = cpu_of(CLOCK_THREAD_CPUTIME_ID);
        moved = pass(&client.eng, &server.eng);
        spent += cpu_of(CLOCK_THREAD_CPUTIME_ID) - at;
        if (!pass(&server.eng, &client.eng) && !moved)
            fail("the engines stand still");
    }
    return spent;
}

static int floor_of_hellos(bool join, double seconds)
{
    struct random random = keys_random(7);
    struct cert cert;
    int64_t end = now_ns() + (int64_t)(seconds * 1e9), spent = 0;

    if (cert_make(&cert, keys_get(0), &random) != ERR_OK)
        fail("no certificate");
    for (count = 0; now_ns() < end; count++) {
        uint8_t x[PUBLIC_KEY_MODULUS] = {0, 1};
        int64_t at;

        spent += shake(&cert, &random);
        at = cpu_of(CLOCK_THREAD_CPUTIME_ID);
        if (join && !identity_private(keys_get(0), x))
            fail("no private operation");
        spent += cpu_of(CLOCK_THREAD_CPUTIME_ID) - at;
    }
    tell_floor(spent);
    return 0;
}

/* What a record's key schedule and hash key cost, an engine pays once. */
static void seal_aes(uint8_t *record, uint8_t tag[static 16])
{
    static const uint8_t key[16], nonce[12], head[13];
    static br_aes_gen_ctr_keys keys;
    static br_gcm_context gcm;

    if (gcm.bctx == NULL) {
        br_aes_x86ni_ctr_get_vtable()->init(&keys.vtable, key, sizeof key);
        br_gcm_init(&gcm, &keys.vtable, br_ghash_pclmul_get());
    }
    br_gcm_reset(&gcm, nonce, sizeof nonce);
    br_gcm_aad_inject(&gcm, head, sizeof head);
    br_gcm_flip(&gcm);
    br_gcm_run(&gcm, 1, record, RECORD);
    br_gcm_get_tag(&gcm, tag);
}

static void seal_chacha(uint8_t *record, uint8_t tag[static 16])
{
    static const uint8_t key[32], nonce[12], head[13];
    br_poly1305_run poly = br_poly1305_ctmulq_get();

    (poly != 0 ? poly : &br_poly1305_ctmul_run)(key, nonce, record, RECORD, head, sizeof head, tag,
                                                &br_chacha20_ct_run, 1);
}

static int floor_of_records(bool aes, double seconds)
{
    static uint8_t record[RECORD];
    uint8_t tag[16];
    int64_t begun = cpu_of(CLOCK_PROCESS_CPUTIME_ID), spent = 0;

    if (aes && !gcm_fast())
        fail("this processor has no AES");
    for (count = 0; spent < (int64_t)(seconds * 1e9);) {
        for (int i = 0; i < 256; i++, count += RECORD) {
            if (aes)
                seal_aes(record, tag);
            else
                seal_chacha(record, tag);
        }
        spent = cpu_of(CLOCK_PROCESS_CPUTIME_ID) - begun;
    }
    tell_floor(spent);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6)
        return measure(argv);
    if (argc == 4 && strcmp(argv[1], "floor") == 0)
        return floor_of_hellos(strcmp(argv[2], "join") == 0, strtod(argv[3], NULL));
    if (argc == 3)
        return floor_of_records(strcmp(argv[1], "aes") == 0, strtod(argv[2], NULL));
    fprintf(stderr, "usage: see tests/bench/load_hellos.c\n");
    return 2;
}
