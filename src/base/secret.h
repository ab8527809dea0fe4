/* Memory for keys. wipe.h clears it. */
#ifndef DEN_BASE_SECRET_H
#define DEN_BASE_SECRET_H

#include <stddef.h>

/* platform/locked.h's locked_hold; where that is not allowed, it is said to who wants to know much. */
void secret_hold(void *p, size_t len);

#endif
