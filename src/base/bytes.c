#include "base/bytes.h"

#include <string.h>

uint16_t bytes_get16(const uint8_t p[static 2])
{
    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

uint32_t bytes_get32(const uint8_t p[static 4])
{
    return (uint32_t)bytes_get16(p) << 16 | bytes_get16(p + 2);
}

uint64_t bytes_get64(const uint8_t p[static 8])
{
    return (uint64_t)bytes_get32(p) << 32 | bytes_get32(p + 4);
}

void bytes_put16(uint8_t p[static 2], uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

void bytes_put32(uint8_t p[static 4], uint32_t v)
{
    bytes_put16(p, (uint16_t)(v >> 16));
    bytes_put16(p + 2, (uint16_t)v);
}

void bytes_put64(uint8_t p[static 8], uint64_t v)
{
    bytes_put32(p, (uint32_t)(v >> 32));
    bytes_put32(p + 4, (uint32_t)v);
}

uint32_t bytes_get32le(const uint8_t p[static 4])
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

uint64_t bytes_get64le(const uint8_t p[static 8])
{
    return (uint64_t)bytes_get32le(p + 4) << 32 | bytes_get32le(p);
}

void bytes_put32le(uint8_t p[static 4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void bytes_put64le(uint8_t p[static 8], uint64_t v)
{
    bytes_put32le(p, (uint32_t)v);
    bytes_put32le(p + 4, (uint32_t)(v >> 32));
}

bool bytes_equal(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a, *y = b;
    uint8_t diff = 0;

    for (size_t i = 0; i < len; i++)
        diff |= (uint8_t)(x[i] ^ y[i]);
    return diff == 0;
}

#if defined(__x86_64__)
/* The processor's own instruction, eight bytes at a time. crc: inverted. */
__attribute__((target("sse4.2"))) static uint32_t crc32c_fast(uint32_t crc, const uint8_t *b,
                                                              size_t len)
{
    uint64_t wide = crc, word;

    for (; len >= sizeof word; len -= sizeof word, b += sizeof word) {
        memcpy(&word, b, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; len > 0; len--)
        crc = __builtin_ia32_crc32qi(crc, *b++);
    return crc;
}
#endif

uint32_t bytes_crc32c(uint32_t crc, const void *p, size_t len)
{
    /* Half a byte at a time: 64 bytes of table, computed by hand from the polynomial 0x82F63B78. */
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const uint8_t *b = p;

    crc = ~crc;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc32c_fast(crc, b, len);
#endif
    for (size_t i = 0; i < len; i++) {
        crc ^= b[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}
