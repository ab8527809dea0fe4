/* Threads that leave the program's signals to its loop. */
#ifndef DEN_PLATFORM_THREAD_H
#define DEN_PLATFORM_THREAD_H

#include <pthread.h>

/* Starts a thread that blocks all signals; 0 or an errno value. The caller joins it. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);
/* Processors that this process may use, at least 1. */
unsigned thread_processors(void);

#endif
