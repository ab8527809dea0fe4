/* crowd SPEECH ADDRESS COUNT PREFIX PID KEYS ABREAST: COUNT clients of the server at ADDRESS whose process
 * is PID; SPEECH is den, mqtt, irc or bare. At most ABREAST of them greet at a time. KEYS: a file of
 * crowd_keys.py, for den.
 *
 * Commands on standard input, one a line, each answered by a line of NAME=NUMBER:
 *   join                  all come in
 *   flood SECONDS WINDOW  the first says as much as it can, with WINDOW messages under way: one is
 *                         under way until all others have it
 *   steady SECONDS RATE   one at a time, RATE a second
 *   idle SECONDS          nothing
 *   storm SECONDS RATE    as steady, until the next line comes
 * seconds: that it took; cpu: those of the server; wakes: how often it went to sleep; p50, p99, worst: of
 * the milliseconds from when a message was due to when somebody had it. */
#include "tests/bench/crowd/crowd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/now.h"
#include "tests/bench/crowd/watched.h"

#define SECOND INT64_C(1000000000)
#define SLOTS 1024 /* messages under way at most */
#define LATENCIES (1 << 24)
#define QUIET_NS (300 * INT64_C(1000000))

/* One measurement. */
struct run {
    int64_t from, to;
    struct watched before;
    uint32_t first, said, done;
    int64_t sent[SLOTS];
    unsigned got[SLOTS];
    uint64_t deliveries;
    float *latency; /* ms */
    size_t latencies;
};

static struct run run;
static int pid;
static bool asked; /* a line stands on standard input */

void crowd_fail(const char *why, ...)
{
    va_list args;

    va_start(args, why);
    fputs("crowd: ", stderr);
    vfprintf(stderr, why, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void crowd_ready(struct conn *c)
{
    if (c->ready)
        return;
    c->ready = true;
    c->crowd->ready++;
    c->crowd->opening--;
}

void crowd_heard(struct conn *c, const uint8_t digits[static CROWD_DIGITS])
{
    char text[CROWD_DIGITS + 1] = {0};
    uint32_t number;

    memcpy(text, digits, CROWD_DIGITS);
    number = (uint32_t)strtoul(text, NULL, 16);
    c->crowd->heard(c->crowd, number);
}

static void heard(struct crowd *crowd, uint32_t number)
{
    uint32_t slot = number % SLOTS;

    if (run.said == 0)
        return; /* another crowd's */
    if (number - run.done >= run.said - run.done)
        crowd_fail("message %u came, of %u to %u", number, run.done, run.said);
    run.deliveries++;
    if (run.latencies < LATENCIES)
        run.latency[run.latencies++] = (float)(now_ns() - run.sent[slot]) / 1e6f;
    run.got[slot]++;
    while (run.done != run.said && run.got[run.done % SLOTS] == crowd->count - 1)
        run.done++;
}

static void say(struct crowd *crowd, int64_t due)
{
    static uint8_t message[CROWD_MESSAGE];
    char digits[CROWD_DIGITS + 1];
    uint32_t number = run.said++;

    if (message[0] == 0)
        memset(message, 'x', sizeof message);
    snprintf(digits, sizeof digits, "%08x", (unsigned)number);
    memcpy(message + sizeof message - CROWD_DIGITS, digits, CROWD_DIGITS);
    run.got[number % SLOTS] = 0;
    run.sent[number % SLOTS] = due;
    crowd->speech->say(crowd->all[0], message);
}

static int turn(struct crowd *crowd, int64_t due)
{
    int failed = loop_wait(crowd->loop, due);

    if (failed != 0)
        crowd_fail("select: %s", strerror(-failed));
    if (crowd->lost > 0)
        crowd_fail("%u of %u were lost", crowd->lost, crowd->opened);
    return loop_hand_out(crowd->loop);
}

static void begin(void)
{
    run.first = run.done = run.said;
    run.deliveries = run.latencies = 0;
    run.from = now_ns();
    run.before = watched_now(pid);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static double part(double share)
{
    return run.latencies == 0 ? 0 : run.latency[(size_t)(share * (double)(run.latencies - 1))];
}

static void tell(void)
{
    struct watched after = watched_now(pid);

    run.to = now_ns();
    qsort(run.latency, run.latencies, sizeof *run.latency, by_size);
    printf("seconds=%.6f cpu=%.9f wakes=%lld messages=%u deliveries=%llu p50=%.3f p99=%.3f "
           "worst=%.3f\n",
           (double)(run.to - run.from) / 1e9, (double)(after.cpu_ns - run.before.cpu_ns) / 1e9,
           (long long)(after.wakes - run.before.wakes), run.done - run.first,
           (unsigned long long)run.deliveries, part(0.5), part(0.99), part(1));
    fflush(stdout);
}

/* Until nothing more comes, so that no measurement has what another left. */
static void settle(struct crowd *crowd)
{
    int64_t quiet = now_ns() + QUIET_NS;

    while (now_ns() < quiet) {
        if (turn(crowd, quiet) > 0)
            quiet = now_ns() + QUIET_NS;
    }
}

static void finish(struct crowd *crowd)
{
    int64_t patience = now_ns() + 20 * SECOND;

    while (run.done != run.said) {
        if (now_ns() > patience)
            crowd_fail("%u messages did not arrive everywhere", run.said - run.done);
        turn(crowd, patience);
    }
}

static void join(struct crowd *crowd, unsigned abreast)
{
    begin();
    while (crowd->ready < crowd->count) {
        while (crowd->opened < crowd->count && crowd->opening < abreast) {
            crowd->all[crowd->opened] = conn_open(crowd, crowd->opened);
            crowd->opened++;
            crowd->opening++;
        }
        turn(crowd, now_ns() + 60 * SECOND);
    }
    tell();
}

static void flood(struct crowd *crowd, double seconds, unsigned window)
{
    int64_t end;

    begin();
    end = run.from + (int64_t)(seconds * 1e9);
    while (now_ns() < end) {
        while (run.said - run.done < window)
            say(crowd, now_ns());
        turn(crowd, end);
    }
    finish(crowd);
    tell();
}

static void steady(struct crowd *crowd, double seconds, double rate, bool until_asked)
{
    int64_t end, due;

    begin();
    end = run.from + (int64_t)(seconds * 1e9);
    due = run.from;
    while (until_asked ? !asked : now_ns() < end) {
        if (run.said == run.done && now_ns() >= due) {
            say(crowd, due);
            due += (int64_t)(1e9 / rate);
        }
        turn(crowd, run.said == run.done ? due : now_ns() + SECOND);
    }
    finish(crowd);
    tell();
}

static void idle(struct crowd *crowd, double seconds)
{
    int64_t end;

    begin();
    end = run.from + (int64_t)(seconds * 1e9);
    while (now_ns() < end)
        turn(crowd, end);
    tell();
}

static void on_asked(struct loop_watch *w, bool readable, bool writable)
{
    (void)w;
    (void)writable;
    asked = readable;
}

static bool obey(struct crowd *crowd, const char *line, unsigned abreast)
{
    double seconds = 0, much = 0;
    char word[16];

    if (sscanf(line, "%15s %lf %lf", word, &seconds, &much) < 1)
        return false;
    settle(crowd);
    if (strcmp(word, "join") == 0)
        join(crowd, abreast);
    else if (strcmp(word, "flood") == 0)
        flood(crowd, seconds, (unsigned)much);
    else if (strcmp(word, "steady") == 0)
        steady(crowd, seconds, much, false);
    else if (strcmp(word, "storm") == 0)
        steady(crowd, seconds, much, true);
    else if (strcmp(word, "idle") == 0)
        idle(crowd, seconds);
    else
        crowd_fail("no such command: %s", word);
    return true;
}

static const struct speech *find_speech(const char *name)
{
    static const struct speech *const all[] = {&speech_den, &speech_mqtt, &speech_irc,
                                               &speech_bare};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    crowd_fail("no such speech: %s", name);
}

static const uint8_t *read_keys(const char *path, size_t len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *keys = malloc(len);

    if (f == NULL || keys == NULL || fread(keys, 1, len, f) != len)
        crowd_fail("can't read %zu bytes of keys from %s", len, path);
    fclose(f);
    return keys;
}

static void open_crowd(struct crowd *crowd, char **argv)
{
    char host[ADDRESS_HOST], seed[RANDOM_SEED] = "of a crowd, no secret";
    uint16_t port = 0;

    *crowd = (struct crowd){.speech = find_speech(argv[1]), .prefix = argv[4], .heard = heard};
    crowd->count = (unsigned)strtoul(argv[3], NULL, 10);
    pid = atoi(argv[5]);
    snprintf(seed + 24, 8, "%d", (int)getpid() % 1000000);
    random_seed(&crowd->random, seed, sizeof seed);
    if (!address_split(argv[2], host, &port) || !address_numeric(host, port, &crowd->address))
        crowd_fail("no address: %s", argv[2]);
    if (crowd->speech == &speech_den)
        crowd->keys = read_keys(argv[6], (size_t)crowd->count * CROWD_KEY);
    crowd->loop = loop_open(crowd->count + 64);
    crowd->all = calloc(crowd->count, sizeof(struct conn *));
    run.latency = malloc(LATENCIES * sizeof *run.latency);
    if (crowd->loop == NULL || crowd->all == NULL || run.latency == NULL)
        crowd_fail("out of memory");
}

int main(int argc, char **argv)
{
    struct loop_watch watch = {.fd = -1, .ready = on_asked};
    struct crowd crowd;
    char line[128];

    if (argc != 8)
        crowd_fail("crowd SPEECH ADDRESS COUNT PREFIX PID KEYS ABREAST");
    open_crowd(&crowd, argv);
    setvbuf(stdin, NULL, _IONBF, 0);
    if (!loop_add(crowd.loop, &watch, 0))
        crowd_fail("can't wait for standard input");
    loop_want(crowd.loop, &watch, true, false);
    for (;;) {
        asked = false;
        while (!asked)
            turn(&crowd, INT64_MAX);
        asked = false;
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
        if (!obey(&crowd, line, (unsigned)strtoul(argv[7], NULL, 10)))
            break;
    }
    for (unsigned i = 0; i < crowd.opened; i++)
        conn_close(crowd.all[i]);
    return 0;
}
