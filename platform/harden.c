#include "platform/harden.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void harden_process(void)
{
    struct rlimit none = {0};

    setrlimit(RLIMIT_CORE, &none);
    /* A file over its limit is an error of the write that makes it so, as a full disk is. */
    signal(SIGXFSZ, SIG_IGN);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if !defined(__SANITIZE_ADDRESS__)
    prctl(PR_SET_DUMPABLE, 0);
#endif
}
