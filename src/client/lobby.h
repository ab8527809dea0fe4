/* What is still to be found out before den goes into a room: which one, and under which name. */
#ifndef DEN_CLIENT_LOBBY_H
#define DEN_CLIENT_LOBBY_H

#include "client/options.h"

/* Where no address was given: looks around, and asks which room at a terminal. Elsewhere it writes what
 * there is to standard output, one line on standard error, and gives CLIENT_EXIT_USAGE. */
enum client_exit lobby_room(struct options *o);
/* Where no name was given: asks at a terminal, else it is CLIENT_EXIT_USAGE. */
enum client_exit lobby_name(struct options *o);

#endif
