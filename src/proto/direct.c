#include "proto/direct.h"

#include <string.h>

#include "crypto/pss.h"

#define FIELDS 5

static void proof_fields(const struct direct_proof *p, struct span fields[static FIELDS])
{
    fields[0] = (struct span){p->exporter, SIZE_EXPORTER};
    fields[1] = (struct span){p->callee, SIZE_FINGERPRINT};
    fields[2] = (struct span){p->caller, SIZE_FINGERPRINT};
    fields[3] = (struct span){(const uint8_t *)p->name, strlen(p->name)};
    fields[4] = (struct span){p->server, SIZE_FINGERPRINT};
}

bool direct_sign(uint8_t out[static SIZE_SIGNATURE], const struct identity *id,
                 struct random *random, const struct direct_proof *p)
{
    struct span fields[FIELDS];

    proof_fields(p, fields);
    return pss_sign(out, id, random, "direct", fields, FIELDS);
}

bool direct_verify(const uint8_t signature[static SIZE_SIGNATURE], const struct public_key *key,
                   const struct direct_proof *p)
{
    struct span fields[FIELDS];

    proof_fields(p, fields);
    return pss_verify(signature, key, "direct", fields, FIELDS);
}
