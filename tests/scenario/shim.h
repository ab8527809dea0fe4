/* What the parts of the shim (shim.c) share. */
#ifndef DEN_TESTS_SCENARIO_SHIM_H
#define DEN_TESTS_SCENARIO_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#define SHIM_EVENT 32 /* bytes of a card's event */

/* Whether a file of that name is in $SHIM: how a test changes what the devices answer. */
bool shim_there(const char *name);
/* Whether fd is the file of that name in $SHIM, also after dup and fork. */
bool shim_is(int fd, const char *name);
/* Writes text to the file of that name in $SHIM: behind what stands there, or over it. */
void shim_note(const char *name, const char *text, bool more);
/* Sets errno; -1. */
int shim_fail(int error);
/* An ioctl of the card. */
int shim_card(int fd, unsigned long request, void *arg);
/* A read of the card: true if there was an event to give. */
bool shim_card_event(int fd, void *to, size_t size);

#endif
