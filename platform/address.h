/* Where a host is: parsing, showing and resolving addresses. */
#ifndef DEN_PLATFORM_ADDRESS_H
#define DEN_PLATFORM_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT 64  /* room for address_text with its NUL */
#define ADDRESS_HOST 256 /* room for a host's name with its NUL */

struct address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* Splits "HOST", "HOST:PORT", "[V6]:PORT" or a bare IPv6 address; port is left alone if there is
 * none. False if it is none of these. An empty host is allowed (":7411"). */
bool address_split(const char *text, char host[static ADDRESS_HOST], uint16_t *port);
/* A numeric host and port; an empty host or "*" is all addresses (IPv6 and IPv4). */
bool address_numeric(const char *host, uint16_t port, struct address *out);
/* "127.0.0.1:7411", "[::1]:7411"; IPv4 mapped into IPv6 is shown as IPv4. */
void address_text(const struct address *a, char out[static ADDRESS_TEXT]);
/* The same without the port and without brackets. */
void address_host(const struct address *a, char out[static ADDRESS_TEXT]);
/* The 16 bytes that tell one remote host from another (IPv4 mapped); an IPv6 host is its /64. */
void address_group(const struct address *a, uint8_t out[static 16]);
/* The port; 0 also if it is no IP address. */
uint16_t address_port(const struct address *a);
/* False if it is no IP address. */
bool address_set_port(struct address *a, uint16_t port);
/* Is it this machine for everyone: loopback, or none at all, which connects to loopback too? */
bool address_is_here(const struct address *a);
/* A link-local IPv6 address says nothing without the interface: takes that of our own end, if this is
 * link-local too. False if there is none to take; other addresses need none. */
bool address_set_scope(struct address *to, const struct address *own);
/* Asks the resolver; blocks, so call it on a worker. How many were found (at most max), or 0 with
 * the reason in why. */
size_t address_resolve(const char *host, uint16_t port, struct address *out, size_t max,
                       char why[static 128]);

#endif
