/* PBKDF2 with HMAC-SHA256 (RFC 8018 section 5.2), and how much of it is right here. */
#ifndef DEN_CRYPTO_PBKDF2_H
#define DEN_CRYPTO_PBKDF2_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

#define PBKDF2_LEAST \
    210000 /* iterations for a key of ours, however slow the machine: 2 s on a Pi */
#define PBKDF2_MOST 4000000 /* however fast: the key may move to a Pi, which needs 40 s then */
#define PBKDF2_NS 300000000 /* how long one try should take */

/* len bytes from a password; iterations > 0. Wipes the stack behind itself. */
void pbkdf2(void *out, size_t len, struct span password, struct span salt, uint32_t iterations);

/* How many iterations take about goal ns, by trials of some 20 ms; in thousands, within PBKDF2_LEAST
 * and PBKDF2_MOST whatever the clock says. */
uint32_t pbkdf2_measure(int64_t goal, int64_t (*now)(void));

#endif
