#include "tests/kit/scratch.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(bool held, const char *what)
{
    if (held)
        return;
    perror(what);
    abort();
}

void scratch_make(struct scratch *s)
{
    const char *base = getenv("TMPDIR");

    snprintf(s->path, sizeof s->path, "%s/den-test-XXXXXX", base != NULL ? base : "/tmp");
    must(mkdtemp(s->path) != NULL, s->path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

void scratch_remove(struct scratch *s)
{
    nftw(s->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_path(const struct scratch *s, const char *name, char out[static 512])
{
    int len = snprintf(out, 512, "%s/%s", s->path, name);

    must(len > 0 && len < 512, name);
}

void scratch_put(const struct scratch *s, const char *name, const void *p, size_t len)
{
    char path[512];

    scratch_path(s, name, path);
    FILE *f = fopen(path, "wb");
    must(f != NULL, path);
    must(fwrite(p, 1, len, f) == len, path);
    must(fclose(f) == 0, path);
}

void scratch_get(const struct scratch *s, const char *name, struct buf *out)
{
    char path[512], block[4096];
    size_t got;

    scratch_path(s, name, path);
    FILE *f = fopen(path, "rb");
    must(f != NULL, path);
    buf_clear(out);
    while ((got = fread(block, 1, sizeof block, f)) > 0)
        buf_add(out, block, got);
    must(fclose(f) == 0 && !out->failed, path);
}

bool scratch_run(const struct scratch *s, const char *format, ...)
{
    char command[2048], line[2560];
    va_list ap;

    va_start(ap, format);
    int len = vsnprintf(command, sizeof command, format, ap);
    va_end(ap);
    must(len >= 0 && (size_t)len < sizeof command, format);
    snprintf(line, sizeof line, "cd '%s' && ( %s ) >output 2>&1", s->path, command);
    return system(line) == 0;
}
