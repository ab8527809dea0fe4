/* Who may watch a cast: "all", or names with commas between, or "all" and names that may not, each with
 * an exclamation mark: all,!bob. What stands last counts. */
#ifndef DEN_CLIENT_POLICY_H
#define DEN_CLIENT_POLICY_H

#include <stdbool.h>

#define POLICY_TEXT 1024

bool policy_valid(const char *text);
bool policy_admits(const char *text, const char *name);

#endif
