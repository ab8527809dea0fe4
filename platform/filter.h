/* Which system calls this process may still make, by seccomp (through libseccomp, where built in). */
#ifndef DEN_PLATFORM_FILTER_H
#define DEN_PLATFORM_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/* From here on all threads of this process make only the calls that a server needs whose sockets,
 * but accepted ones, are open: files, memory, time, threads' waiting. A call that is on no list fails
 * with ENOSYS, for which C libraries have another way, so that a newer one does not crash here. What
 * only an attacker wants (another program, another process's memory, mounts, modules, keys, new
 * namespaces) ends the process by SIGSYS. Memory can't become executable. It can't be undone.
 *
 * 0 or a negative errno: then nothing changed. -EOPNOTSUPP: built without libseccomp. Sets
 * no_new_privs. */
int filter_enter(void);

#define FILTER_NAME 32

/* For tests: the i-th name on any list; false behind the last. */
bool filter_name(size_t i, char name[static FILTER_NAME]);

#endif
