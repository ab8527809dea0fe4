#include "video/line_hand.h"

#include <string.h>

#if LINE_X86

#include <immintrin.h>

#include "video/line_pick.h"

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
#define LINE_STREAM(p, v) _mm_stream_si128((__m128i *)(void *)(p), v)
#define LINE_FIRST(low, high) (low)
#define LINE_SECOND(low, high) (high)
#include "video/line_x86_body.h"

/* The unpacked halves are of each half of the vector. */
#define LINE_AVX2 __attribute__((target("avx2")))
#define LINE_TARGET LINE_AVX2
#define LINE_VEC __m256i
#define LINE_WIDE 16
#define LINE_OF(x) line_16_##x
#define LINE_OP(x) _mm256_##x
#define LINE_LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define LINE_STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define LINE_LUMA(p) _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(p)))
#define LINE_OR(a, b) _mm256_or_si256(a, b)
#define LINE_STREAM(p, v) _mm256_stream_si256((__m256i *)(void *)(p), v)
#define LINE_FIRST(low, high) _mm256_permute2x128_si256(low, high, 0x20)
#define LINE_SECOND(low, high) _mm256_permute2x128_si256(low, high, 0x31)
#include "video/line_x86_body.h"

void line_hand_colour(void *out, enum line_kind kind, const struct line_source *s, size_t width)
{
    if (LINE_X86_HAS("avx2"))
        line_16_colour(out, kind, s, width);
    else
        line_8_colour(out, kind, s, width);
}

void line_hand_passed(void)
{
    _mm_sfence();
}

void line_hand_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    if (LINE_X86_HAS("avx2"))
        line_16_double(row, samples, width, bias);
    else
        line_8_double(row, samples, width, bias);
}

bool line_hand_picks(void)
{
    return LINE_X86_HAS("avx2");
}

LINE_AVX2 static inline __m256i line_two(const void *low, const void *high)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(low)),
                                   _mm_loadu_si128(high), 1);
}

/* count is even, for lines are of whole blocks. */
LINE_AVX2 void line_hand_pick(int16_t *row, const uint8_t *samples, const struct line_pick *picks,
                              size_t count, int16_t bias)
{
    const __m256i from = _mm256_set1_epi16((int16_t)-bias);

    for (size_t k = 0; k < count; k += 2) {
        const struct line_pick *a = &picks[k], *b = a + 1;
        __m256i all = line_two(samples + a->first, samples + b->first);
        __m256i pairs = _mm256_shuffle_epi8(all, line_two(a->samples, b->samples));
        __m256i less = _mm256_maddubs_epi16(pairs, line_two(a->shares, b->shares));
        _mm256_storeu_si256((__m256i *)(void *)(row + k * LINE_PICK), _mm256_sub_epi16(from, less));
    }
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
