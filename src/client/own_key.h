/* den key: make, show and export one's own key, and change its passphrase. */
#ifndef DEN_CLIENT_OWN_KEY_H
#define DEN_CLIENT_OWN_KEY_H

#include "client/options.h"

/* Does what the options' first argument says, with the key in the config's state directory. What goes
 * wrong is one line on standard error. Before any thread or loop, for it may ask at the terminal. */
enum client_exit own_key_run(const struct options *o);

#endif
