#include "platform/filter.h"

#include <errno.h>

#if DEN_SECCOMP

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* By name: each machine has some of them, and an older libseccomp does not know the newest. */
static const char allowed[] =
    /* files that are open */
    "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek "
    "close close_range fcntl fcntl64 dup dup2 dup3 flock fsync fdatasync sync_file_range "
    "sync_file_range2 arm_sync_file_range ftruncate ftruncate64 fallocate fadvise64 "
    "fadvise64_64 arm_fadvise64_64 readahead fstat fstat64 fstatfs fstatfs64 fchmod getdents "
    "getdents64 "
    /* files by name, which Landlock bounds */
    "open openat openat2 stat stat64 lstat lstat64 newfstatat fstatat64 statx statfs statfs64 "
    "access faccessat faccessat2 readlink readlinkat mkdir mkdirat rmdir rename renameat "
    "renameat2 unlink unlinkat truncate truncate64 utimensat utimensat_time64 umask getcwd "
    "chmod fchmodat fchmodat2 "
    /* sockets that are there; a listening one gives more */
    "accept accept4 getsockname getpeername getsockopt setsockopt send sendto sendmsg "
    "sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 shutdown "
    /* waiting */
    "select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create1 "
    "epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd2 signalfd4 timerfd_create "
    "timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64 pipe pipe2 nanosleep "
    "clock_nanosleep clock_nanosleep_time64 restart_syscall "
    /* time and chance */
    "clock_gettime clock_gettime64 clock_getres clock_getres_time64 gettimeofday time times "
    "getrandom "
    /* memory; mmap and mprotect see below */
    "brk munmap mremap madvise mlock mlock2 munlock msync mincore "
    /* threads; clone see below */
    "futex futex_time64 futex_waitv set_robust_list get_robust_list rseq membarrier "
    "sched_yield sched_getaffinity sched_getparam sched_getscheduler set_tid_address getcpu "
    "set_tls cacheflush exit exit_group "
    /* signals */
    "rt_sigaction rt_sigprocmask rt_sigreturn sigreturn rt_sigpending rt_sigtimedwait "
    "rt_sigtimedwait_time64 sigaltstack "
    /* who and what we are */
    "getpid gettid getppid getpgrp getpgid getsid getuid getuid32 geteuid geteuid32 getgid "
    "getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32 getgroups "
    "getgroups32 getrlimit ugetrlimit getrusage sysinfo uname";

static const char deadly[] =
    "execve execveat ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd "
    "kcmp mount umount umount2 move_mount fsopen fsmount fsconfig fspick open_tree "
    "mount_setattr pivot_root chroot setns unshare init_module finit_module delete_module "
    "kexec_load kexec_file_load reboot swapon swapoff bpf perf_event_open userfaultfd add_key "
    "keyctl request_key acct quotactl settimeofday stime clock_settime clock_settime64 "
    "adjtimex clock_adjtime clock_adjtime64 sethostname setdomainname iopl ioperm "
    "open_by_handle_at lookup_dcookie vhangup modify_ldt personality setuid setuid32 setgid "
    "setgid32 setresuid setresuid32 setresgid setresgid32 setreuid setreuid32 setregid "
    "setregid32 setgroups setgroups32 capset";

#define COUNT(list) (sizeof list / sizeof *list)

/* Those that depend on an argument: allowed where it is equal under the mask. */
struct rule {
    const char *name;
    unsigned argument;
    scmp_datum_t mask, equal;
};

#define ALL_BITS UINT32_MAX /* ioctl's request and prctl's option have 32 */

static const struct rule rules[] = {
    {"mmap", 2, PROT_EXEC, 0},
    {"mmap2", 2, PROT_EXEC, 0},
    {"mprotect", 2, PROT_EXEC, 0},
    {"clone", 0, CLONE_THREAD, CLONE_THREAD}, /* a new thread; glibc does without clone3 */
    {"prlimit64", 2, UINT64_MAX, 0},          /* ask, not set */
    {"ioctl", 1, ALL_BITS, TCGETS},           /* is it a terminal? */
    {"ioctl", 1, ALL_BITS, TCGETS2},
    {"ioctl", 1, ALL_BITS, TIOCGPGRP},
    {"ioctl", 1, ALL_BITS, TIOCGWINSZ},
    {"ioctl", 1, ALL_BITS, FIONREAD},
    {"ioctl", 1, ALL_BITS, FIONBIO},
    {"prctl", 0, ALL_BITS, PR_SET_NAME},
    {"prctl", 0, ALL_BITS, PR_GET_NAME},
    {"prctl", 0, ALL_BITS, PR_GET_DUMPABLE},
    {"prctl", 0, ALL_BITS, 0x53564d41}, /* PR_SET_VMA, by which a C library names its memory */
};

/* What this libseccomp does not know, or this machine does not have, needs no rule. */
static int add(scmp_filter_ctx filter, uint32_t action, const char *name,
               const struct scmp_arg_cmp *only)
{
    int number = seccomp_syscall_resolve_name(name), result;

    if (number == __NR_SCMP_ERROR)
        return 0;
    result = seccomp_rule_add_array(filter, action, number, only != NULL ? 1 : 0, only);
    return result == -EDOM ? 0 : result;
}

/* The word at *at, which moves behind it; false at the end. */
static bool next_name(const char **at, char name[static FILTER_NAME])
{
    size_t len;

    *at += strspn(*at, " ");
    len = strcspn(*at, " ");
    if (len == 0 || len >= FILTER_NAME)
        return false;
    memcpy(name, *at, len);
    name[len] = 0;
    *at += len;
    return true;
}

static int add_all(scmp_filter_ctx filter, uint32_t action, const char *names)
{
    char name[FILTER_NAME];
    int result = 0;

    while (result == 0 && next_name(&names, name))
        result = add(filter, action, name, NULL);
    return result;
}

/* A signal to a thread of our own is how abort() ends us; one to anybody else is not allowed. */
static int add_signals(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp own = {0, SCMP_CMP_MASKED_EQ, ALL_BITS, (scmp_datum_t)getpid()};

    return add(filter, SCMP_ACT_ALLOW, "tgkill", &own);
}

static int add_rules(scmp_filter_ctx filter)
{
    int result = add_signals(filter);

    for (size_t i = 0; i < COUNT(rules) && result == 0; i++) {
        const struct scmp_arg_cmp only = {rules[i].argument, SCMP_CMP_MASKED_EQ, rules[i].mask,
                                          rules[i].equal};

        result = add(filter, SCMP_ACT_ALLOW, rules[i].name, &only);
    }
    return result;
}

int filter_enter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int result;

    if (filter == NULL)
        return -ENOMEM;
    result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 5)
    /* Both for speed: a tree rather than a row of comparisons, and no slower memory accesses, which
     * protect filtered code that is foreign. An older kernel or library does without. */
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
#endif
    if (result == 0)
        result = add_all(filter, SCMP_ACT_ALLOW, allowed);
    if (result == 0)
        result = add_all(filter, SCMP_ACT_KILL_PROCESS, deadly);
    if (result == 0)
        result = add_rules(filter);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
#if defined(__GLIBC__)
    malloc_trim(0); /* 260 KiB, which nothing here needs again */
#endif
    return result;
}

bool filter_name(size_t i, char name[static FILTER_NAME])
{
    const char *const lists[] = {allowed, deadly};

    for (size_t k = 0; k < COUNT(lists); k++) {
        const char *at = lists[k];

        for (; next_name(&at, name); i--)
            if (i == 0)
                return true;
    }
    if (i >= COUNT(rules))
        return false;
    snprintf(name, FILTER_NAME, "%s", rules[i].name);
    return true;
}

#else

int filter_enter(void)
{
    return -EOPNOTSUPP;
}

bool filter_name(size_t i, char name[static FILTER_NAME])
{
    (void)i;
    (void)name;
    return false;
}

#endif
