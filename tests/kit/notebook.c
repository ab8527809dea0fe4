#include "tests/kit/notebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/kit/keys.h"

struct scratch notebook;

int notebook_make(void **state)
{
    (void)state;
    scratch_make(&notebook);
    return 0;
}

int notebook_remove(void **state)
{
    (void)state;
    scratch_remove(&notebook);
    return 0;
}

const struct public_key *notebook_key(unsigned which)
{
    return &keys_get(which)->public;
}

struct contacts notebook_contacts(const char *name)
{
    char path[512];
    struct contacts c;

    scratch_path(&notebook, name, path);
    assert_int_equal(contacts_open(&c, path), ERR_OK);
    return c;
}

struct pins notebook_pins(const char *name)
{
    char path[512];
    struct pins p;

    scratch_path(&notebook, name, path);
    assert_int_equal(pins_open(&p, path), ERR_OK);
    return p;
}
