/* Memory that runs out: the linker leads malloc and its kin here (--wrap, for the programs
 * tests/unit/test_famine_*), and a walk lets each allocation of a scene fail in turn.
 *
 *     static void scene(void)         it makes what it needs, then
 *     {
 *         famine_begin();             from here on one allocation fails, or all from that one on
 *         e = envelope_open(...);
 *         if (famine_end())           memory is back. Did one fail?
 *             ...                     then: an error, nothing half done, and the same works now
 *     }
 *     famine_walk(scene);
 *
 * Counted in all threads. What the kit itself needs inside is to be there before (buf_reserve). */
#ifndef DEN_TESTS_KIT_FAMINE_H
#define DEN_TESTS_KIT_FAMINE_H

#include <stdbool.h>
#include <stddef.h>

/* Plays the scene with the 1st, 2nd, ... allocation failing, each time once with that one alone and
 * once with all behind it as well, until none is left to fail: then it was played without failure.
 * Fails the test if the scene allocates nothing at all. Returns how many failed in turn. */
size_t famine_walk(void (*scene)(void));

/* A scene may do this several times; the count goes on. */
void famine_begin(void);
/* Whether an allocation failed since famine_walk began to play this scene. */
bool famine_end(void);

#endif
