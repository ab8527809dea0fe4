#include "platform/lan.h"

#include <errno.h>

#if DEN_AVAHI

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-common/error.h>
#include <avahi-common/simple-watch.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/file.h"
#include "platform/now.h"

#define MORE_NS INT64_C(1000000000) /* beyond the patience: for the daemon's own first answer */
#define MOST_ASKED 256 /* names that are looked up; who tells of more is not believed */

struct search {
    struct lan_service *out;
    size_t max, count;
    AvahiClient *client;
    size_t asked;   /* resolvers that were started */
    size_t pending; /* those of IPv4 that have not answered */
    bool heard_all;
    int failed; /* a negative errno */
};

static int reason(int error)
{
    return error == AVAHI_ERR_NO_DAEMON || error == AVAHI_ERR_DBUS_ERROR ||
                   error == AVAHI_ERR_DISCONNECTED
               ? -ENOTCONN
               : -EIO;
}

/* A host's name may go into files and onto screens: nothing but what such names are made of. */
static bool copy_host(char out[static LAN_HOST], const char *host)
{
    size_t len = strlen(host);

    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len == 0 || len >= LAN_HOST)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = host[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.')
            return false;
        out[i] = c;
    }
    out[len] = 0;
    return true;
}

static bool numeric(char out[static LAN_AT], const AvahiAddress *a, AvahiIfIndex interface)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    bool is_six = a->proto == AVAHI_PROTO_INET6;
    const void *at = is_six ? (const void *)&six : (const void *)&four;

    memcpy(&four.sin_addr, &a->data.ipv4, sizeof four.sin_addr);
    memcpy(&six.sin6_addr, &a->data.ipv6, sizeof six.sin6_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr))
        six.sin6_scope_id = (uint32_t)interface;
    return getnameinfo(at, is_six ? sizeof six : sizeof four, out, LAN_AT, NULL, 0,
                       NI_NUMERICHOST) == 0;
}

/* IPv4 is preferred: it needs no interface's name. */
static bool better(const char *at, const char *old)
{
    return strchr(at, ':') == NULL && strchr(old, ':') != NULL;
}

static void take(struct search *s, const char *name, const char *host, const AvahiAddress *a,
                 AvahiIfIndex interface, uint16_t port)
{
    struct lan_service one = {.port = port};
    size_t i = 0;

    if (port == 0 || strlen(name) >= sizeof one.name || !copy_host(one.host, host) ||
        !numeric(one.at, a, interface))
        return;
    strcpy(one.name, name);
    while (i < s->count && (s->out[i].port != port || strcmp(s->out[i].host, one.host) != 0))
        i++;
    if (i == s->count && s->count < s->max)
        s->out[s->count++] = one;
    else if (i < s->count && better(one.at, s->out[i].at))
        s->out[i] = one;
}

static void on_resolved(AvahiServiceResolver *r, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiResolverEvent event, const char *name, const char *type,
                        const char *domain, const char *host, const AvahiAddress *a, uint16_t port,
                        AvahiStringList *txt, AvahiLookupResultFlags flags, void *owner)
{
    (void)r;
    (void)protocol;
    (void)type;
    (void)domain;
    (void)txt;
    (void)flags;
    if (event == AVAHI_RESOLVER_FOUND)
        take(owner, name, host, a, interface, port);
}

static void on_resolved_four(AvahiServiceResolver *r, AvahiIfIndex interface,
                             AvahiProtocol protocol, AvahiResolverEvent event, const char *name,
                             const char *type, const char *domain, const char *host,
                             const AvahiAddress *a, uint16_t port, AvahiStringList *txt,
                             AvahiLookupResultFlags flags, void *owner)
{
    struct search *s = owner;

    on_resolved(r, interface, protocol, event, name, type, domain, host, a, port, txt, flags, s);
    s->pending--;
    avahi_service_resolver_free(r);
}

/* Both kinds of address are asked for, and IPv4 alone is waited for: a host that has none costs all of
 * the patience, but the many that have no IPv6 cost none. */
static void ask(struct search *s, AvahiIfIndex interface, AvahiProtocol protocol, const char *name,
                const char *type, const char *domain)
{
    if (s->asked >= MOST_ASKED)
        return;
    s->asked += 2;
    avahi_service_resolver_new(s->client, interface, protocol, name, type, domain,
                               AVAHI_PROTO_INET6, 0, on_resolved, s);
    if (avahi_service_resolver_new(s->client, interface, protocol, name, type, domain,
                                   AVAHI_PROTO_INET, 0, on_resolved_four, s) != NULL)
        s->pending++;
}

static void on_browsed(AvahiServiceBrowser *b, AvahiIfIndex interface, AvahiProtocol protocol,
                       AvahiBrowserEvent event, const char *name, const char *type,
                       const char *domain, AvahiLookupResultFlags flags, void *owner)
{
    struct search *s = owner;

    (void)b;
    (void)flags;
    if (event == AVAHI_BROWSER_FAILURE)
        s->failed = reason(avahi_client_errno(s->client));
    if (event == AVAHI_BROWSER_ALL_FOR_NOW)
        s->heard_all = true;
    if (event == AVAHI_BROWSER_NEW)
        ask(s, interface, protocol, name, type, domain);
}

static void on_client(AvahiClient *client, AvahiClientState state, void *owner)
{
    struct search *s = owner;

    if (state == AVAHI_CLIENT_FAILURE)
        s->failed = reason(avahi_client_errno(client));
}

static void hear(struct search *s, AvahiSimplePoll *poll, int64_t patience_ns)
{
    int64_t deadline = now_ns() + patience_ns, left;

    while (s->failed == 0 && !(s->heard_all && s->pending == 0) &&
           (left = deadline - now_ns()) > 0) {
        if (avahi_simple_poll_iterate(poll, (int)(left / 1000000) + 1) != 0)
            s->failed = -EIO;
    }
}

static int by_name(const void *a, const void *b)
{
    const struct lan_service *one = a, *two = b;
    int order = strcmp(one->name, two->name);

    if (order == 0)
        order = strcmp(one->host, two->host);
    return order != 0 ? order : one->port - two->port;
}

static int search(const char *type, int64_t patience_ns, struct lan_service *out, size_t max)
{
    struct search s = {.out = out, .max = max};
    AvahiSimplePoll *poll = avahi_simple_poll_new();
    int error = 0;

    if (poll == NULL)
        return -ENOMEM;
    s.client = avahi_client_new(avahi_simple_poll_get(poll), 0, on_client, &s, &error);
    if (s.client == NULL)
        s.failed = reason(error);
    else if (avahi_service_browser_new(s.client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, type, NULL, 0,
                                       on_browsed, &s) == NULL)
        s.failed = reason(avahi_client_errno(s.client));
    else
        hear(&s, poll, patience_ns);
    if (s.client != NULL)
        avahi_client_free(s.client);
    avahi_simple_poll_free(poll);
    if (s.count == 0 && s.failed != 0)
        return s.failed;
    qsort(out, s.count, sizeof *out, by_name);
    return (int)s.count;
}

static bool read_all(int fd, void *data, size_t len, int64_t deadline)
{
    struct pollfd in = {.fd = fd, .events = POLLIN};
    uint8_t *at = data;
    int64_t left;
    ssize_t n;

    while (len > 0 && (left = deadline - now_ns()) > 0) {
        if (poll(&in, 1, (int)(left / 1000000) + 1) <= 0)
            continue;
        n = read(fd, at, len);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return len == 0;
}

/* In a process of its own: libavahi waits for a daemon that does not answer as long as D-Bus likes, and
 * can't be told otherwise. */
static void search_apart(int to, const char *type, int64_t patience_ns, struct lan_service *out,
                         size_t max)
{
    int found;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    found = search(type, patience_ns, out, max);
    if (file_put(to, &found, sizeof found) == 0 && found > 0)
        file_put(to, out, (size_t)found * sizeof *out);
    _exit(0);
}

static int hear_from(int fd, int64_t deadline, struct lan_service *out, size_t max)
{
    int found;

    if (!read_all(fd, &found, sizeof found, deadline))
        return now_ns() < deadline ? -EIO : -ETIMEDOUT;
    if (found > 0 &&
        ((size_t)found > max || !read_all(fd, out, (size_t)found * sizeof *out, deadline)))
        return -EIO;
    return found;
}

int lan_find(const char *type, int64_t patience_ns, struct lan_service *out, size_t max)
{
    int64_t deadline = now_ns() + patience_ns + MORE_NS;
    int ends[2], found;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -EIO;
    child = fork();
    if (child == 0)
        search_apart(ends[1], type, patience_ns, out, max);
    close(ends[1]);
    found = child < 0 ? -EIO : hear_from(ends[0], deadline, out, max);
    close(ends[0]);
    if (child > 0) {
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    return found;
}

#else

int lan_find(const char *type, int64_t patience_ns, struct lan_service *out, size_t max)
{
    (void)type;
    (void)patience_ns;
    (void)out;
    (void)max;
    return -ENOSYS;
}

#endif
