/* A descriptor that one thread (or a signal handler) makes readable to wake another's loop. */
#ifndef DEN_PLATFORM_WAKE_H
#define DEN_PLATFORM_WAKE_H

/* A descriptor that is non-blocking and closed on exec, or -1 (errno tells). Readable after
 * wake_send until wake_drain; many sends before a drain count as one. */
int wake_open(void);
/* From any thread, and from a signal handler: leaves errno as it was, never blocks. */
void wake_send(int fd);
void wake_drain(int fd);
/* fd may be -1. */
void wake_close(int fd);

#endif
