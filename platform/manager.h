/* Tells the service manager that started us what we are at (sd_notify(3), by its datagrams). */
#ifndef DEN_PLATFORM_MANAGER_H
#define DEN_PLATFORM_MANAGER_H

/* A socket to the one that $NOTIFY_SOCKET names, a path or @ and an abstract name; the variable is taken
 * away, for it is not for those that we start. A negative errno: -ENOENT where nobody waits to be told.
 * Before a sandbox, in which nobody new can be reached. */
int manager_open(void);
/* Sends "READY=1" or the like, without waiting for more than a second. fd may be what manager_open
 * returned. 0 or a negative errno. */
int manager_say(int fd, const char *text);

#endif
