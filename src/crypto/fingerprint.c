#include "crypto/fingerprint.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char prefix[] = "SHA256:";
#define PREFIX (sizeof prefix - 1)

void fingerprint_text(char out[static FINGERPRINT_TEXT],
                      const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    memcpy(out, prefix, PREFIX);
    text_hex(out + PREFIX, fingerprint, SIZE_FINGERPRINT);
}

bool fingerprint_parse(uint8_t out[static SIZE_FINGERPRINT], const char *text)
{
    if (strncasecmp(text, prefix, PREFIX) == 0)
        text += PREFIX;
    return text_from_hex(out, SIZE_FINGERPRINT, text);
}
