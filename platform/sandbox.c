#include "platform/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h as Linux 6.12 has it: the header of an older system does not know all, the kernel
 * that runs may. The numbers of the calls are the same on every machine but Alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define ASK_ABI 1u /* LANDLOCK_CREATE_RULESET_VERSION */
#define RULE_PATH_BENEATH 1

#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_DIR (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_DIR (UINT64_C(1) << 7)
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define FS_MAKE_SOCK (UINT64_C(1) << 9)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define NET_ALL UINT64_C(3) /* bind and connect, of TCP */
#define SCOPE_ALL UINT64_C(3)

#define READ_RIGHTS (FS_READ_FILE | FS_READ_DIR)
#define KEEP_RIGHTS                                                                             \
    (READ_RIGHTS | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | \
     FS_MAKE_SOCK | FS_TRUNCATE)

struct ruleset {
    uint64_t files, net, scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

/* How many rights on files each ABI knows: from the lowest bit on, all are refused but by a rule. */
static const unsigned file_rights[] = {13, 14, 15, 15, 16};

static struct ruleset ruleset_of(int abi)
{
    size_t known = sizeof file_rights / sizeof file_rights[0];
    unsigned bits = file_rights[(size_t)abi < known ? (size_t)abi - 1 : known - 1];

    return (struct ruleset){
        .files = (UINT64_C(1) << bits) - 1,
        .net = abi >= 4 ? NET_ALL : 0,
        .scoped = abi >= 6 ? SCOPE_ALL : 0,
    };
}

static int allow(int rules, const struct ruleset *all, const struct sandbox_place *place)
{
    struct path_rule rule = {.allowed = place->access == SANDBOX_KEEP ? KEEP_RIGHTS : READ_RIGHTS};
    int result = 0;

    rule.allowed &= all->files;
    rule.fd = open(place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (rule.fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0) != 0)
        result = -errno;
    close(rule.fd);
    return result;
}

int sandbox_enter(const struct sandbox_place *places, size_t count)
{
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_ABI);
    int result = abi < 0 ? -errno : 0, rules;
    struct ruleset all;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || abi <= 0)
        return result != 0 ? result : -EOPNOTSUPP;
    all = ruleset_of(abi);
    /* A kernel whose struct is shorter takes it, too: what it does not know is 0. */
    rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0)
        return -errno;
    for (size_t i = 0; i < count && result == 0; i++)
        result = allow(rules, &all, &places[i]);
    if (result == 0 && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        result = -errno;
    close(rules);
    return result == 0 ? abi : result;
}
