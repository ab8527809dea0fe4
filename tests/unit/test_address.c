/* Addresses as text, sockets on loopback, places of files, and signals as something to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "platform/address.h"
#include "platform/now.h"
#include "platform/paths.h"
#include "platform/signals.h"
#include "platform/socket.h"

static void splitting(void **state)
{
    static const struct {
        const char *text, *host; /* NULL: refused */
        int port;                /* -1: left alone */
    } table[] = {
        {"example.org", "example.org", -1},
        {"example.org:7411", "example.org", 7411},
        {"10.0.0.1:0", "10.0.0.1", 0},
        {":7411", "", 7411},
        {"", "", -1},
        {"*:80", "*", 80},
        {"[::1]:65535", "::1", 65535},
        {"[fe80::1]", "fe80::1", -1},
        {"fe80::1", "fe80::1", -1},
        {"::", "::", -1},
        {"[]:1", "", 1},
        {"host:", NULL, 0},
        {"host:65536", NULL, 0},
        {"host:-1", NULL, 0},
        {"host:7x", NULL, 0},
        {"host: 7", NULL, 0},
        {"host:99999999999999999999999", NULL, 0},
        {"[::1", NULL, 0},
        {"[::1]7411", NULL, 0},
        {"[::1]:", NULL, 0},
        {"a b", NULL, 0},
        {"den://host", NULL, 0},
        {"host#1", NULL, 0},
        {"user@host", NULL, 0},
        {"host]", NULL, 0},
        {"ho[st", NULL, 0},
        {"[[::1]]:7", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char host[ADDRESS_HOST];
        uint16_t port = 4242;
        bool good = address_split(table[i].text, host, &port);

        if (good != (table[i].host != NULL))
            fail_msg("%s", table[i].text);
        if (!good)
            continue;
        assert_string_equal(host, table[i].host);
        assert_int_equal(port, table[i].port < 0 ? 4242 : table[i].port);
    }
}

static void splitting_has_a_limit(void **state)
{
    char text[400], host[ADDRESS_HOST];
    uint16_t port;

    (void)state;
    for (size_t len = ADDRESS_HOST - 3; len < ADDRESS_HOST + 3; len++) {
        memset(text, 'a', len);
        memcpy(text + len, ":1", 3);
        assert_int_equal(address_split(text, host, &port), len < ADDRESS_HOST);
    }
}

static void numeric_and_text(void **state)
{
    static const struct {
        const char *host, *text, *shown; /* text NULL: not numeric */
    } table[] = {
        {"127.0.0.1", "127.0.0.1:7411", "127.0.0.1"},
        {"::1", "[::1]:7411", "::1"},
        {"2001:DB8::0:1", "[2001:db8::1]:7411", "2001:db8::1"},
        {"::ffff:10.1.2.3", "10.1.2.3:7411", "10.1.2.3"},
        {"", "[::]:7411", "::"},
        {"*", "[::]:7411", "::"},
        {"0.0.0.0", "0.0.0.0:7411", "0.0.0.0"},
        {"localhost", NULL, NULL},
        {"1.2.3", NULL, NULL},
        {"1.2.3.256", NULL, NULL},
        {"1.2.3.4:5", NULL, NULL},
        {"::g", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct address a;
        char text[ADDRESS_TEXT];

        if (address_numeric(table[i].host, 7411, &a) != (table[i].text != NULL))
            fail_msg("%s", table[i].host);
        if (table[i].text == NULL)
            continue;
        address_text(&a, text);
        assert_string_equal(text, table[i].text);
        address_host(&a, text);
        assert_string_equal(text, table[i].shown);
    }
}

static bool same_group(const char *a, const char *b)
{
    struct address x, y;
    uint8_t g[16], h[16];

    assert_true(address_numeric(a, 1, &x) && address_numeric(b, 2, &y));
    address_group(&x, g);
    address_group(&y, h);
    return memcmp(g, h, sizeof g) == 0;
}

static void groups(void **state)
{
    (void)state;
    assert_true(same_group("10.0.0.1", "10.0.0.1"));
    assert_false(same_group("10.0.0.1", "10.0.0.2"));
    assert_true(same_group("10.0.0.1", "::ffff:10.0.0.1"));
    assert_false(same_group("::ffff:10.0.0.1", "::ffff:10.0.0.2"));
    assert_true(same_group("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"));
    assert_false(same_group("2001:db8:0:1::1", "2001:db8:0:2::1"));
    assert_false(same_group("::1", "0.0.0.1"));
}

static void resolving(void **state)
{
    struct address a[4];
    char why[128] = "", text[ADDRESS_TEXT];

    (void)state;
    assert_int_equal(address_resolve("127.0.0.1", 9, a, 4, why), 1);
    address_text(&a[0], text);
    assert_string_equal(text, "127.0.0.1:9");
    assert_int_equal(address_resolve("127.0.0.1", 9, a, 0, why), 0);
    assert_int_equal(address_resolve("no such host", 9, a, 4, why), 0);
    assert_true(strlen(why) > 0);
}

static void wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    assert_int_equal(poll(&p, 1, 10000), 1);
}

/* Listens on that host's loopback; false where the machine has no such address. */
static bool connects(const char *listen_on, const char *connect_to)
{
    struct address at, local, peer;
    char host[ADDRESS_HOST], text[ADDRESS_TEXT];
    uint16_t port = 0;
    int listener, out, in;

    assert_true(address_numeric(listen_on, 0, &at));
    listener = socket_listen(&at, 8);
    if (listener < 0)
        return false;
    assert_int_equal(socket_local(listener, &local), 0);
    address_text(&local, text);
    assert_true(address_split(text, host, &port) && port != 0);
    assert_int_equal(socket_accept(listener, &peer), -EAGAIN);
    assert_true(address_numeric(connect_to, port, &at));
    out = socket_connect(&at);
    assert_true(out >= 0);
    wait_for(out, POLLOUT);
    assert_int_equal(socket_error(out), 0);
    wait_for(listener, POLLIN);
    in = socket_accept(listener, &peer);
    assert_true(in >= 0);
    address_host(&peer, text);
    assert_string_equal(text, connect_to);
    assert_int_equal(write(out, "x", 1), 1);
    wait_for(in, POLLIN);
    close(in);
    close(out);
    close(listener);
    return true;
}

static void sockets_meet(void **state)
{
    (void)state;
    assert_true(connects("127.0.0.1", "127.0.0.1"));
    assert_true(connects("", "127.0.0.1"));
    if (!connects("::1", "::1"))
        print_message("no IPv6 loopback here\n");
}

static void nobody_listens(void **state)
{
    struct address at, local;
    int listener, out;

    (void)state;
    assert_true(address_numeric("127.0.0.1", 0, &at));
    listener = socket_listen(&at, 1);
    assert_int_equal(socket_local(listener, &local), 0);
    assert_int_equal(socket_listen(&local, 1), -EADDRINUSE);
    close(listener);
    out = socket_connect(&local);
    if (out >= 0) {
        wait_for(out, POLLOUT);
        assert_int_equal(socket_error(out), ECONNREFUSED);
        close(out);
    } else {
        assert_int_equal(out, -ECONNREFUSED);
    }
}

static void places(void **state)
{
    char path[PATHS_MAX], text[PATHS_MAX];

    (void)state;
    setenv("HOME", "/home/x", 1);
    unsetenv("XDG_STATE_HOME");
    setenv("XDG_DATA_HOME", "/data", 1);
    assert_true(paths_state(path, "den"));
    assert_string_equal(path, "/home/x/.local/state/den");
    assert_true(paths_data(path, "den/clips"));
    assert_string_equal(path, "/data/den/clips");
    setenv("XDG_DATA_HOME", "relative", 1);
    assert_true(paths_data(path, "den"));
    assert_string_equal(path, "/home/x/.local/share/den");
    setenv("HOME", "", 1);
    assert_false(paths_state(path, "den"));
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_false(paths_join(path, text, "b"));
    text[PATHS_MAX - 3] = 0;
    assert_true(paths_join(path, text, "b"));
    assert_int_equal(strlen(path), PATHS_MAX - 1);
}

static void signals_are_read(void **state)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2};
    int fd = signals_open(numbers, 2);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(signals_next(fd), 0);
    raise(SIGUSR2);
    wait_for(fd, POLLIN);
    assert_int_equal(signals_next(fd), SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR2);
    assert_int_equal(signals_next(fd) + signals_next(fd), SIGUSR1 + SIGUSR2);
    assert_int_equal(signals_next(fd), 0);
    raise(SIGPIPE); /* ignored: we are still here */
    close(fd);
}

static void clocks_go_on(void **state)
{
    int64_t before = now_ns();

    (void)state;
    assert_true(now_ns() >= before);
    assert_true(now_wall_ms() > UINT64_C(1600000000000));
}

static void ports_and_scopes(void **state)
{
    struct address v4, v6, near, none = {0};
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&near.storage;

    (void)state;
    assert_true(address_numeric("10.0.0.1", 5, &v4) && address_numeric("2001:db8::1", 6, &v6) &&
                address_numeric("fe80::1", 7, &near));
    assert_int_equal(address_port(&v4), 5);
    assert_int_equal(address_port(&v6), 6);
    assert_int_equal(address_port(&none), 0);
    assert_true(address_set_port(&v4, 65535) && address_set_port(&v6, 1));
    assert_false(address_set_port(&none, 1));
    assert_int_equal(address_port(&v4), 65535);
    assert_int_equal(address_port(&v6), 1);
    /* Who is not link-local needs no interface; who is takes the one of our link-local end. */
    assert_true(address_set_scope(&v4, &none) && address_set_scope(&v6, &near));
    assert_false(address_set_scope(&near, &v6));
    assert_false(address_set_scope(&near, &none));
    v6 = near;
    in6->sin6_scope_id = 3;
    assert_true(address_set_scope(&v6, &near));
    assert_int_equal(((struct sockaddr_in6 *)&v6.storage)->sin6_scope_id, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splitting),
        cmocka_unit_test(ports_and_scopes),
        cmocka_unit_test(splitting_has_a_limit),
        cmocka_unit_test(numeric_and_text),
        cmocka_unit_test(groups),
        cmocka_unit_test(resolving),
        cmocka_unit_test(sockets_meet),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(places),
        cmocka_unit_test(signals_are_read),
        cmocka_unit_test(clocks_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
