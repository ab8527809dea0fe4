/* What a client keeps in files, in one directory for all tests of a program: make and remove it as those
 * of the group. */
#ifndef DEN_TESTS_KIT_NOTEBOOK_H
#define DEN_TESTS_KIT_NOTEBOOK_H

#include "client/contacts.h"
#include "client/pins.h"
#include "tests/kit/scratch.h"

extern struct scratch notebook;

int notebook_make(void **state);
int notebook_remove(void **state);

/* Of keys_get. */
const struct public_key *notebook_key(unsigned which);
/* Opened, or the test fails. */
struct contacts notebook_contacts(const char *name);
struct pins notebook_pins(const char *name);

#endif
