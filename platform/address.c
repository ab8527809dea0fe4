#include "platform/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long v;

    if (*text < '0' || *text > '9')
        return false;
    v = strtoul(text, &end, 10);
    if (*end != 0 || v > UINT16_MAX)
        return false;
    *port = (uint16_t)v;
    return true;
}

bool address_split(const char *text, char host[static ADDRESS_HOST], uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    const char *close = strchr(text, ']');
    size_t len = strlen(text);

    if (text[0] == '[') {
        if (close == NULL || (close[1] != 0 && close[1] != ':'))
            return false;
        if (close[1] == ':' && !parse_port(close + 2, port))
            return false;
        text++;
        len = (size_t)(close - text);
    } else if (colon != NULL && strchr(text, ':') == colon) {
        if (!parse_port(colon + 1, port))
            return false;
        len = (size_t)(colon - text);
    }
    if (len >= ADDRESS_HOST)
        return false;
    memcpy(host, text, len);
    host[len] = 0;
    return strpbrk(host, " /@#[]") == NULL;
}

static void set_all(uint16_t port, struct address *out)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->storage;

    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(port);
    in6->sin6_addr = in6addr_any;
    out->len = sizeof *in6;
}

bool address_numeric(const char *host, uint16_t port, struct address *out)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&out->storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->storage;

    *out = (struct address){0};
    if (host[0] == 0 || strcmp(host, "*") == 0) {
        set_all(port, out);
        return true;
    }
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        out->len = sizeof *in;
        return true;
    }
    if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        out->len = sizeof *in6;
        return true;
    }
    return false;
}

void address_host(const struct address *a, char out[static ADDRESS_TEXT])
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->storage;

    snprintf(out, ADDRESS_TEXT, "?");
    if (a->storage.ss_family == AF_INET)
        inet_ntop(AF_INET, &in->sin_addr, out, ADDRESS_TEXT);
    else if (a->storage.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
        inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, out, ADDRESS_TEXT);
    else if (a->storage.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &in6->sin6_addr, out, ADDRESS_TEXT);
}

void address_text(const struct address *a, char out[static ADDRESS_TEXT])
{
    char host[ADDRESS_TEXT];
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->storage;
    unsigned port = ntohs(a->storage.ss_family == AF_INET ? in->sin_port : in6->sin6_port);

    address_host(a, host);
    snprintf(out, ADDRESS_TEXT, strchr(host, ':') != NULL ? "[%.46s]:%u" : "%.46s:%u", host, port);
}

void address_group(const struct address *a, uint8_t out[static 16])
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->storage;

    memset(out, 0, 16);
    if (a->storage.ss_family == AF_INET) {
        out[10] = out[11] = 0xff;
        memcpy(out + 12, &in->sin_addr, 4);
    } else if (a->storage.ss_family == AF_INET6) {
        memcpy(out, &in6->sin6_addr, IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) ? 16 : 8);
    }
}

uint16_t address_port(const struct address *a)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->storage;

    if (a->storage.ss_family == AF_INET)
        return ntohs(in->sin_port);
    return a->storage.ss_family == AF_INET6 ? ntohs(in6->sin6_port) : 0;
}

bool address_set_port(struct address *a, uint16_t port)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&a->storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->storage;

    if (a->storage.ss_family == AF_INET)
        in->sin_port = htons(port);
    else if (a->storage.ss_family == AF_INET6)
        in6->sin6_port = htons(port);
    else
        return false;
    return true;
}

bool address_is_here(const struct address *a)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->storage;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->storage;
    const uint8_t *v4 = (const uint8_t *)&in->sin_addr;

    if (a->storage.ss_family == AF_INET6) {
        if (IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
            return true;
        if (!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
            return false;
        v4 = in6->sin6_addr.s6_addr + 12;
    } else if (a->storage.ss_family != AF_INET) {
        return false;
    }
    return v4[0] == 127 || v4[0] == 0;
}

static bool is_link_local(const struct address *a)
{
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->storage;

    return a->storage.ss_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
}

bool address_set_scope(struct address *to, const struct address *own)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to->storage;
    const struct sockaddr_in6 *ours = (const struct sockaddr_in6 *)&own->storage;

    if (!is_link_local(to))
        return true;
    if (!is_link_local(own))
        return false;
    in6->sin6_scope_id = ours->sin6_scope_id;
    return true;
}

size_t address_resolve(const char *host, uint16_t port, struct address *out, size_t max,
                       char why[static 128])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;
    char service[8];
    size_t count = 0;
    int code;

    if (max > 0 && host[0] != 0 && address_numeric(host, port, out))
        return 1;
    snprintf(service, sizeof service, "%u", port);
    code = getaddrinfo(host, service, &hints, &list);
    if (code != 0) {
        snprintf(why, 128, "%s", code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
        return 0;
    }
    for (struct addrinfo *i = list; i != NULL && count < max; i = i->ai_next) {
        if (i->ai_addrlen > sizeof out[count].storage)
            continue;
        out[count] = (struct address){.len = i->ai_addrlen};
        memcpy(&out[count].storage, i->ai_addr, i->ai_addrlen);
        count++;
    }
    freeaddrinfo(list);
    if (count == 0)
        snprintf(why, 128, "no address found");
    return count;
}
