#include "client/policy.h"

#include <string.h>

#include "base/text.h"

bool policy_valid(const char *text)
{
    const char *part;
    size_t len;

    if (strlen(text) >= POLICY_TEXT)
        return false;
    while ((part = text_next_part(&text, &len)) != NULL) {
        size_t negated = len > 0 && part[0] == '!';

        if (!text_name_valid(part + negated, len - negated))
            return false;
    }
    return true;
}

bool policy_admits(const char *text, const char *name)
{
    const char *part;
    size_t len;
    bool admits = false;

    while ((part = text_next_part(&text, &len)) != NULL) {
        size_t negated = len > 0 && part[0] == '!';
        char one[LIMIT_NAME + 1] = {0};

        if (len - negated > LIMIT_NAME)
            continue;
        memcpy(one, part + negated, len - negated);
        if (text_name_same(one, name) || (negated == 0 && strcmp(one, "all") == 0))
            admits = negated == 0;
    }
    return admits;
}
