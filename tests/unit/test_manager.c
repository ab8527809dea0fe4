/* What a service manager is told, and by which way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/manager.h"
#include "tests/kit/scratch.h"

static struct scratch scratch;

/* Listens at name, where a NUL begins an abstract one. */
static int listen_at(const char *name, size_t len)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && len <= sizeof at.sun_path);
    memcpy(at.sun_path, name, len);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    return fd;
}

static void hears(int listener, const char *name)
{
    char got[64] = "";
    int fd;

    setenv("NOTIFY_SOCKET", name, 1);
    fd = manager_open();
    assert_true(fd >= 0);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_int_equal(manager_say(fd, "READY=1"), 0);
    assert_int_equal(recv(listener, got, sizeof got - 1, MSG_DONTWAIT), 7);
    assert_string_equal(got, "READY=1");
    close(listener);
    assert_int_equal(manager_say(fd, "STOPPING=1"), -ECONNREFUSED);
    close(fd);
}

static void a_path(void **state)
{
    char path[512];

    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "notify", path);
    hears(listen_at(path, strlen(path)), path);
    scratch_remove(&scratch);
}

static void an_abstract_name(void **state)
{
    char name[64];
    int len = snprintf(name, sizeof name, "@den-test-manager-%d", (int)getpid());
    char shown[64];

    (void)state;
    memcpy(shown, name, sizeof shown);
    name[0] = 0;
    hears(listen_at(name, (size_t)len), shown);
}

static void nobody(void **state)
{
    static const struct {
        const char *name;
        int error;
    } table[] = {{"", -ENOENT},
                 {"relative", -EAFNOSUPPORT},
                 {"@", -EAFNOSUPPORT},
                 {"vsock:2:1234", -EAFNOSUPPORT},
                 {"/nowhere/at/all", -ENOENT},
                 {"@den-test-nobody-listens-here", -ECONNREFUSED}};
    char longest[200];

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(manager_open(), -ENOENT);
    assert_int_equal(manager_say(-ENOENT, "READY=1"), -ENOENT);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        setenv("NOTIFY_SOCKET", table[i].name, 1);
        assert_int_equal(manager_open(), table[i].error);
    }
    memset(longest, '/', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    setenv("NOTIFY_SOCKET", longest, 1);
    assert_int_equal(manager_open(), -ENAMETOOLONG);
    assert_null(getenv("NOTIFY_SOCKET"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_path), cmocka_unit_test(an_abstract_name),
                                       cmocka_unit_test(nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
