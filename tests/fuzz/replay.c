/* fuzz_NAME [--seeds DIR | FILE...]: runs a fuzz target without a fuzzer.
 *
 * Without arguments: over its seeds and over every file of tests/fuzz/corpus/NAME, each as it is, cut
 * at some places, and with damage that is the same in every run. --seeds writes the seeds into DIR,
 * for libFuzzer; FILEs are run as they are. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/dice.h"

#define INPUT_LIMIT (4u << 20)
#define CUTS 64
#define DAMAGES 192
#define CUTS_FEW 2
#define DAMAGES_FEW 3

struct replay {
    const char *seeds; /* where to write them; NULL: run them */
    size_t inputs, runs;
};

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

/* In memory of exactly its size, so that a sanitizer sees a step past it. */
static void run(struct replay *r, const uint8_t *p, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL)
        die("replay");
    if (len > 0)
        memcpy(copy, p, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
    r->runs++;
}

/* A few bytes are others, one goes, or one comes twice. */
static void damage(struct buf *out, struct dice *d, const uint8_t *p, size_t len)
{
    size_t at = dice_below(d, len), rest = len - at;

    buf_clear(out);
    buf_add(out, p, len);
    switch (dice_below(d, 4)) {
    case 0:
        out->data[at] ^= (uint8_t)(1u << dice_below(d, 8));
        break;
    case 1:
        for (size_t i = 0; i < 4 && i < rest; i++)
            out->data[at + i] = (uint8_t)dice_u64(d);
        break;
    case 2:
        memmove(out->data + at, out->data + at + 1, rest - 1);
        out->len--;
        break;
    default:
        buf_add(out, out->data + len - 1, 1);
        memmove(out->data + at + 1, out->data + at, rest);
    }
}

static void run_around(struct replay *r, const uint8_t *p, size_t len, bool few)
{
    const size_t cuts = few ? CUTS_FEW : CUTS;
    const size_t damages = few ? DAMAGES_FEW : DAMAGES;
    struct dice d = dice_make(len);
    struct buf other;

    run(r, p, len);
    r->inputs++;
    if (len == 0)
        return;
    for (size_t i = 0; i < cuts; i++)
        run(r, p, i < cuts / 2 ? i % len : dice_below(&d, len));
    buf_init(&other, INPUT_LIMIT + 1);
    for (size_t i = 0; i < damages; i++) {
        damage(&other, &d, p, len);
        run(r, other.data, other.len);
    }
    buf_free(&other);
}

static void on_seed(void *context, const void *p, size_t len)
{
    struct replay *r = context;
    char path[512];
    FILE *f;

    if (r->seeds == NULL) {
        run_around(r, p, len, &fuzz_slow != NULL && fuzz_slow);
        return;
    }
    snprintf(path, sizeof path, "%s/seed-%zu", r->seeds, r->inputs++);
    f = fopen(path, "wb");
    if (f == NULL || fwrite(p, 1, len, f) != len || fclose(f) != 0)
        die(path);
}

static void read_file(struct buf *out, const char *path)
{
    uint8_t *to;
    size_t n;
    FILE *f = fopen(path, "rb");

    if (f == NULL)
        die(path);
    buf_clear(out);
    while ((to = buf_reserve(out, 4096)) != NULL && (n = fread(to, 1, 4096, f)) > 0)
        buf_grew(out, n);
    if (ferror(f) || out->failed)
        die(path);
    fclose(f);
}

/* What was found before; there may be nothing. */
static void run_corpus(struct replay *r, const char *name)
{
    char folder[256], path[600];
    struct dirent *e;
    struct buf file;
    DIR *d;

    snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", name);
    d = opendir(folder);
    buf_init(&file, INPUT_LIMIT);
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        read_file(&file, path);
        run_around(r, file.data, file.len, true);
    }
    buf_free(&file);
    if (d != NULL)
        closedir(d);
}

static void run_files(struct replay *r, char **paths)
{
    struct buf file;

    buf_init(&file, INPUT_LIMIT);
    for (; *paths != NULL; paths++) {
        read_file(&file, *paths);
        run(r, file.data, file.len);
    }
    buf_free(&file);
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    struct replay r = {0};

    name += strncmp(name, "fuzz_", 5) == 0 ? 5 : 0;
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
        r.seeds = argv[2];
    else if (argc > 1)
        return run_files(&r, argv + 1), 0;
    fuzz_seeds(on_seed, &r);
    if (r.seeds != NULL)
        return 0;
    run_corpus(&r, name);
    FUZZ_HOLDS(r.inputs > 0);
    printf("1..1\nok 1 - %s holds for %zu inputs and what is near them (%zu runs)\n", name,
           r.inputs, r.runs);
    return 0;
}
