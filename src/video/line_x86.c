#include "video/line_hand.h"

#include <string.h>

#if LINE_X86

#include <immintrin.h>

/* For a test, which says of everything that it is not there. */
#ifndef LINE_X86_HAS
#define LINE_X86_HAS(what) __builtin_cpu_supports(what)
#endif

#define LINE_TARGET
#define LINE_VEC __m128i
#define LINE_WIDE 8
#define LINE_OF(x) line_8_##x
#define LINE_OP(x) _mm_##x
#define LINE_LOAD(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define LINE_STORE(p, v) _mm_storeu_si128((__m128i *)(void *)(p), v)
#define LINE_LUMA(p) \
    _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)(const void *)(p)), _mm_setzero_si128())
#define LINE_OR(a, b) _mm_or_si128(a, b)
#define LINE_PUT(p, low, high) (LINE_STORE(p, low), LINE_STORE((uint8_t *)(p) + 16, high))
#include "video/line_x86_body.h"

/* The unpacked halves are of each half of the vector. */
#define LINE_TARGET __attribute__((target("avx2")))
#define LINE_VEC __m256i
#define LINE_WIDE 16
#define LINE_OF(x) line_16_##x
#define LINE_OP(x) _mm256_##x
#define LINE_LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define LINE_STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define LINE_LUMA(p) _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(p)))
#define LINE_OR(a, b) _mm256_or_si256(a, b)
#define LINE_PUT(p, low, high)                                  \
    (LINE_STORE(p, _mm256_permute2x128_si256(low, high, 0x20)), \
     LINE_STORE((uint8_t *)(p) + 32, _mm256_permute2x128_si256(low, high, 0x31)))
#include "video/line_x86_body.h"

void line_hand_colour(void *out, bool narrow, const struct line_pair *y, const uint8_t *plain,
                      const struct line_pair *u, const struct line_pair *v, size_t width)
{
    if (LINE_X86_HAS("avx2"))
        line_16_colour(out, narrow, y, plain, u, v, width);
    else
        line_8_colour(out, narrow, y, plain, u, v, width);
}

void line_hand_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    if (LINE_X86_HAS("avx2"))
        line_16_double(row, samples, width, bias);
    else
        line_8_double(row, samples, width, bias);
}

/* Four pixels' twelve bytes, at the vector's low end: six of each half, then those together. */
static inline __m128i line_twelve(__m128i four)
{
    __m128i first = _mm_and_si128(four, _mm_set1_epi64x(0xffffff));
    __m128i second = _mm_and_si128(four, _mm_set1_epi64x(0xffffff00000000));
    __m128i six = _mm_or_si128(first, _mm_srli_epi64(second, 8));

    return _mm_or_si128(_mm_and_si128(six, _mm_set_epi64x(0, -1)),
                        _mm_srli_si128(_mm_and_si128(six, _mm_set_epi64x(-1, 0)), 2));
}

__attribute__((target("ssse3"))) static inline __m128i line_twelve_shuffled(__m128i four)
{
    return _mm_shuffle_epi8(four,
                            _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}

/* What a store leaves behind its twelve bytes the next one overwrites. */
#define LINE_THREE(way)                                \
    for (size_t i = 0; i < count; i += 4)              \
    _mm_storeu_si128((__m128i *)(void *)(out + 3 * i), \
                     way(_mm_loadu_si128((const __m128i *)(const void *)(line + i))))

static void line_thrice(uint8_t *out, const uint32_t *line, size_t count)
{
    LINE_THREE(line_twelve);
}

__attribute__((target("ssse3"))) static void
line_thrice_shuffled(uint8_t *out, const uint32_t *line, size_t count)
{
    LINE_THREE(line_twelve_shuffled);
}

void line_hand_three(uint8_t *out, const uint32_t *line, size_t width)
{
    size_t count = width / LINE_BLOCK * LINE_BLOCK;
    __m128i last;

    if (count == 0)
        return;
    if (LINE_X86_HAS("ssse3"))
        line_thrice_shuffled(out, line, count - 4);
    else
        line_thrice(out, line, count - 4);
    /* Behind these nothing may be written. */
    last = line_twelve(_mm_loadu_si128((const __m128i *)(const void *)(line + count - 4)));
    memcpy(out + 3 * (count - 4), &last, 12);
}

#endif
