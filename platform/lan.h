/* Services that machines of this network tell of (DNS-SD, RFC 6763), as the avahi-daemon of this one
 * hears of them. Where it was built without Avahi there are none. */
#ifndef DEN_PLATFORM_LAN_H
#define DEN_PLATFORM_LAN_H

#include <stddef.h>
#include <stdint.h>

#define LAN_NAME 64  /* room for a service's name with its NUL */
#define LAN_HOST 256 /* the same for a host's */
#define LAN_AT \
    64 /* the same for a numeric address, behind which a link-local one names its interface */

/* As the network says it: anybody there may say anything. */
struct lan_service {
    char name[LAN_NAME]; /* any bytes but NUL */
    char host[LAN_HOST]; /* "pi.local": letters, digits, '-' and '.' alone, lower case */
    char at[LAN_AT];     /* where that is now */
    uint16_t port;
};

/* Those of that type ("_den._tcp"), each host and port once, by name and host. Waits until the daemon
 * has heard what is to be heard, or for patience_ns and a second more. Forks: not for a process that
 * has threads.
 *
 * How many there are, at most max; or -ENOSYS (built without), -ENOTCONN (no daemon), -ETIMEDOUT (one
 * that does not answer), -EIO. */
int lan_find(const char *type, int64_t patience_ns, struct lan_service *out, size_t max);

#endif
