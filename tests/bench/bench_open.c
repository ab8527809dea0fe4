/* What it takes to try an envelope that is for somebody else, and to open one's own, beside the bare RSA
 * operations that neither can do without. Rows as tests/bench/run wants them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/envelope.h"
#include "tests/kit/keys.h"

#define RUNS 5
#define ROUNDS 40
#define BODY 256

enum what { FOREIGN, OWN, PRIVATE, PUBLIC, WHATS };

static struct buf foreign, own;

/* Of this thread, so that others on the machine count less. */
static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool held)
{
    if (!held)
        abort();
}

static void seal(struct buf *out, unsigned to)
{
    static uint8_t body[BODY];
    struct random random = keys_random(to);
    struct envelope_content c = {.sender = "bob", .id = 1, .kind = ENVELOPE_TEXT};

    memset(body, 'x', sizeof body);
    c.body = (struct span){body, sizeof body};
    buf_init(out, LIMIT_ENVELOPE);
    must(envelope_seal_one(out, keys_get(1), &random, &c, &keys_get(to)->public) == ERR_OK);
}

static void once(enum what what, const struct identity *me, const br_rsa_public_key *key)
{
    uint8_t x[PUBLIC_KEY_MODULUS] = {1, 2, 3};
    struct envelope_content c;
    struct buf plain;

    buf_init(&plain, LIMIT_SEALED);
    if (what == FOREIGN)
        must(envelope_open(&c, &plain, me, foreign.data, foreign.len) == ERR_SEALED);
    else if (what == OWN)
        must(envelope_open(&c, &plain, me, own.data, own.len) == ERR_OK);
    else if (what == PRIVATE)
        must(br_rsa_private_get_default()(x, &me->key) == 1);
    else
        must(br_rsa_public_get_default()(x, sizeof x, key) == 1);
    buf_free(&plain);
}

/* Milliseconds of one, in turn with the others. */
static void measure(double ms[static WHATS])
{
    const struct identity *me = keys_get(0);
    br_rsa_public_key key = public_key_rsa(&me->public);
    double took[WHATS] = {0};

    for (int round = 0; round < ROUNDS; round++) {
        for (enum what what = 0; what < WHATS; what++) {
            double began = cpu();

            once(what, me, &key);
            took[what] += cpu() - began;
        }
    }
    for (enum what what = 0; what < WHATS; what++)
        ms[what] = 1e3 * took[what] / ROUNDS;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double values[static RUNS])
{
    qsort(values, RUNS, sizeof *values, by_size);
    return values[RUNS / 2];
}

/* The floor: the private operation, and the public one behind it if `checked`. */
static void row(const char *text, double ms[RUNS][WHATS], enum what what, bool checked)
{
    double ours[RUNS], floors[RUNS], ratios[RUNS];

    for (int i = 0; i < RUNS; i++) {
        ours[i] = ms[i][what];
        floors[i] = ms[i][PRIVATE] + (checked ? ms[i][PUBLIC] : 0);
        ratios[i] = ours[i] / floors[i];
    }
    double ratio = median(ratios), middle = median(ours), floor = median(floors);
    printf("%s | %.3f ms | - | %.3f | 1.05 | %.3f | %d: %.3f to %.3f | steady\n", text, middle,
           ratio, floor, RUNS, ours[0], ours[RUNS - 1]);
}

int main(void)
{
    double ms[RUNS][WHATS];

    seal(&own, 0);
    seal(&foreign, 2);
    measure(ms[0]); /* warms up */
    for (int i = 0; i < RUNS; i++)
        measure(ms[i]);
    row("trying an envelope for somebody else; floor: RSA private", ms, FOREIGN, false);
    row("opening one's own; floor: RSA private, and public for the signature", ms, OWN, true);
    row("opening one's own; floor: RSA private alone", ms, OWN, false);
    buf_free(&own);
    buf_free(&foreign);
    return 0;
}
