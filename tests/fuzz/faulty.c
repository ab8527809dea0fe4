/* Fortified, the header has a recv() of its own. */
#undef _FORTIFY_SOURCE

#include "tests/fuzz/faulty.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "tests/kit/dice.h"

/* recv and send have no context to keep it in. */
static struct {
    struct dice dice;
    unsigned often;
    enum faulty_errors errors;
} plan;

void faulty_begin(uint64_t seed, unsigned often, enum faulty_errors errors)
{
    plan.dice = dice_make(seed);
    plan.often = often;
    plan.errors = errors;
}

void faulty_end(void)
{
    plan.often = 0;
}

/* True: this call fails, errno is set. Else *len may have become less. */
static bool goes_wrong(size_t *len)
{
    size_t how;

    if (plan.often == 0 || dice_below(&plan.dice, 256) >= plan.often)
        return false;
    how = dice_below(&plan.dice, 16);
    if (how == 0 && plan.errors == FAULTY_FATAL)
        errno = ECONNRESET;
    else if (how < 5)
        errno = how < 3 ? EAGAIN : EINTR;
    else
        *len = 1 + dice_below(&plan.dice, how < 11 ? 8 : *len);
    return how < 5;
}

/* With an address nobody asks for these are the same calls by another name. */
ssize_t recv(int fd, void *p, size_t len, int flags)
{
    size_t most = len;

    if (goes_wrong(&most))
        return -1;
    return recvfrom(fd, p, most < len ? most : len, flags, NULL, NULL);
}

ssize_t send(int fd, const void *p, size_t len, int flags)
{
    size_t most = len;

    if (goes_wrong(&most))
        return -1;
    return sendto(fd, p, most < len ? most : len, flags, NULL, 0);
}
