#include "tests/kit/capture.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void capture_begin(struct capture *c, FILE *stream)
{
    c->stream = stream;
    fflush(stream);
    c->before = dup(fileno(stream));
    c->memory = memfd_create("capture", MFD_CLOEXEC);
    if (c->before < 0 || c->memory < 0 || dup2(c->memory, fileno(stream)) < 0)
        abort();
}

void capture_end(struct capture *c, struct buf *out)
{
    uint8_t *to;
    ssize_t got = 1;

    fflush(c->stream);
    if (dup2(c->before, fileno(c->stream)) < 0 || lseek(c->memory, 0, SEEK_SET) != 0)
        abort();
    while (got > 0 && (to = buf_reserve(out, 4096)) != NULL) {
        got = read(c->memory, to, 4096);
        if (got > 0)
            buf_grew(out, (size_t)got);
    }
    close(c->before);
    close(c->memory);
}
