#include "tests/kit/xvfb.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"

#define XVFB_FIELDS 25 /* words of an XWD header */

static void xvfb_exec(const struct xvfb *x, const char *screen, int fd)
{
    char number[16];
    int quiet = open("/dev/null", O_WRONLY);

    snprintf(number, sizeof number, "%d", fd);
    dup2(quiet, STDOUT_FILENO);
    dup2(quiet, STDERR_FILENO);
    execlp("Xvfb", "Xvfb", "-displayfd", number, "-screen", "0", screen, "-fbdir", x->folder,
           "-nolisten", "tcp", "-noreset", (char *)NULL);
    _exit(127);
}

/* The number that the server writes when it is ready; false if it ends instead. */
static bool xvfb_ready(struct xvfb *x, int fd)
{
    size_t len = 1;

    x->display[0] = ':';
    while (len < sizeof x->display - 1 && read(fd, x->display + len, 1) == 1) {
        if (x->display[len] == '\n') {
            x->display[len] = '\0';
            return len > 1;
        }
        len++;
    }
    return false;
}

bool xvfb_start(struct xvfb *x, unsigned width, unsigned height, unsigned depth)
{
    const char *base = getenv("TMPDIR");
    char screen[48];
    int ends[2];
    bool ready;

    *x = (struct xvfb){0};
    snprintf(x->folder, sizeof x->folder, "%.40s/den-xvfb-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(x->folder) == NULL || pipe(ends) != 0)
        abort();
    snprintf(screen, sizeof screen, "%ux%ux%u", width, height, depth);
    x->pid = fork();
    if (x->pid == 0) {
        close(ends[0]);
        xvfb_exec(x, screen, ends[1]);
    }
    close(ends[1]);
    ready = xvfb_ready(x, ends[0]);
    close(ends[0]);
    if (!ready)
        xvfb_stop(x);
    else
        setenv("DISPLAY", x->display, 1);
    return ready;
}

static uint32_t xvfb_word(const uint8_t *header, unsigned i)
{
    return bytes_get32(header + 4 * (size_t)i);
}

/* XWD: the pixels stand after the header and a table of colours. */
static uint32_t xvfb_read(int fd, const uint8_t *header, unsigned column, unsigned row)
{
    uint32_t bits = xvfb_word(header, 11), pitch = xvfb_word(header, 12);
    off_t at = (off_t)xvfb_word(header, 0) + (off_t)xvfb_word(header, 19) * 12 +
               (off_t)row * pitch + (off_t)column * (bits / 8);
    uint8_t p[4] = {0};
    uint32_t v;

    if (column >= xvfb_word(header, 4) || row >= xvfb_word(header, 5) ||
        pread(fd, p, bits / 8, at) != (ssize_t)(bits / 8))
        abort();
    v = bytes_get32le(p);
    if (bits == 16)
        v = (v & 0xf800) << 8 | (v & 0x07e0) << 5 | (v & 0x001f) << 3;
    return v & 0xffffff;
}

uint32_t xvfb_pixel(const struct xvfb *x, unsigned column, unsigned row)
{
    uint8_t header[4 * XVFB_FIELDS];
    char path[96];
    uint32_t v;
    int fd;

    snprintf(path, sizeof path, "%s/Xvfb_screen0", x->folder);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header)
        abort();
    v = xvfb_read(fd, header, column, row);
    close(fd);
    return v;
}

void xvfb_stop(struct xvfb *x)
{
    char path[96];

    if (x->pid <= 0)
        return;
    kill(x->pid, SIGTERM);
    waitpid(x->pid, NULL, 0);
    x->pid = 0;
    snprintf(path, sizeof path, "%s/Xvfb_screen0", x->folder);
    unlink(path);
    rmdir(x->folder);
    unsetenv("DISPLAY");
}
