/* Standard input, output and error of this process. */
#ifndef DEN_PLATFORM_STANDARD_H
#define DEN_PLATFORM_STANDARD_H

#include <stdbool.h>

/* Call it first: takes the numbers of those that are closed, so that no file or socket gets one of
 * them and is read or written as if it were. Using them fails. False if that can't be done. */
bool standard_hold(void);

#endif
