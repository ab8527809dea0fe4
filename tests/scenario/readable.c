/* Loaded before den or dend (LD_PRELOAD), lets an ordinary user read the memory of a program of his
 * own: prctl(PR_SET_DUMPABLE, 0) does nothing. For talk_memory.py alone. */
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int prctl(int option, ...)
{
    unsigned long word[4];
    va_list args;

    va_start(args, option);
    for (int i = 0; i < 4; i++)
        word[i] = va_arg(args, unsigned long);
    va_end(args);
    if (option == PR_SET_DUMPABLE && word[0] == 0)
        return 0;
    return (int)syscall(SYS_prctl, option, word[0], word[1], word[2], word[3]);
}
