#include "proto/talk_key.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/oaep.h"
#include "crypto/pss.h"

#define PURPOSE "session"
#define FIELDS 4

/* The OAEP label: the exporter in it ties the wrapped key to this TLS session. */
static const char prefix[] = "den1 session";

#define PREFIX (sizeof prefix - 1)
#define LABEL (PREFIX + SIZE_EXPORTER)

static struct span fill_label(uint8_t label[static LABEL], const struct talk_terms *t)
{
    memcpy(label, prefix, PREFIX);
    memcpy(label + PREFIX, t->exporter, SIZE_EXPORTER);
    return (struct span){label, LABEL};
}

static void fill_fields(struct span fields[static FIELDS], const struct talk_terms *t,
                        const uint8_t *wrapped)
{
    fields[0] = (struct span){t->exporter, SIZE_EXPORTER};
    fields[1] = (struct span){t->server->fingerprint, SIZE_FINGERPRINT};
    fields[2] = (struct span){t->client->fingerprint, SIZE_FINGERPRINT};
    fields[3] = (struct span){wrapped, SIZE_WRAPPED};
}

bool talk_key_make(uint8_t key[static GCM_KEY], struct talk_wrapped *out,
                   const struct identity *server, struct random *random, const struct talk_terms *t)
{
    struct span fields[FIELDS];
    uint8_t label[LABEL];
    bool good;

    random_bytes(random, key, GCM_KEY);
    good = oaep_wrap(out->key, random, t->client, fill_label(label, t), key, GCM_KEY);
    fill_fields(fields, t, out->key);
    good = good && pss_sign(out->signature, server, random, PURPOSE, fields, FIELDS);
    if (!good)
        wipe(key, GCM_KEY);
    wipe_stack();
    return good;
}

enum err talk_key_open(uint8_t key[static GCM_KEY], const struct talk_wrapped *in,
                       const struct identity *client, const struct talk_terms *t)
{
    struct span fields[FIELDS];
    uint8_t label[LABEL];

    wipe(key, GCM_KEY);
    fill_fields(fields, t, in->key);
    if (!pss_verify(in->signature, t->server, PURPOSE, fields, FIELDS))
        return ERR_SIGNATURE;
    return oaep_open(key, GCM_KEY, client, fill_label(label, t), in->key) ? ERR_OK : ERR_SEALED;
}
