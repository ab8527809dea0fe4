/* Memory that is not needed for a while. */
#ifndef DEN_PLATFORM_PAGES_H
#define DEN_PLATFORM_PAGES_H

#include <stddef.h>

/* Gives the whole pages between p and p + len back to the system: they stay usable, and hold
 * zeros. They must be writable memory of this process alone (from malloc, or its data). */
void pages_give_back(void *p, size_t len);
/* The same for what was freed to malloc, where malloc can do that: what lay between what is still in use
 * would stay. */
void pages_trim(void);

#endif
