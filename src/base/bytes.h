/* Integers to and from bytes, in both orders, and comparison that takes the same time always. */
#ifndef DEN_BASE_BYTES_H
#define DEN_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Network order (big-endian): what stands on the wire. */
uint16_t bytes_get16(const uint8_t p[static 2]);
uint32_t bytes_get32(const uint8_t p[static 4]);
uint64_t bytes_get64(const uint8_t p[static 8]);
void bytes_put16(uint8_t p[static 2], uint16_t v);
void bytes_put32(uint8_t p[static 4], uint32_t v);
void bytes_put64(uint8_t p[static 8], uint64_t v);

/* Little-endian: what stands in our own binary files. */
uint32_t bytes_get32le(const uint8_t p[static 4]);
uint64_t bytes_get64le(const uint8_t p[static 8]);
void bytes_put32le(uint8_t p[static 4], uint32_t v);
void bytes_put64le(uint8_t p[static 8], uint64_t v);

/* True if both hold the same; the time depends on len alone. */
bool bytes_equal(const void *a, const void *b, size_t len);

/* CRC-32C (Castagnoli, RFC 3720 appendix B.4) of len bytes; start with crc 0, go on with the last
 * result. For files that may be torn or rot, not against an adversary. */
uint32_t bytes_crc32c(uint32_t crc, const void *p, size_t len);

#endif
