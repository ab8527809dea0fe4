/* What line_x86.c has twice: for vectors of 8 samples and of 16. It sets
 *   LINE_VEC      the vector, of LINE_WIDE samples of 16 bits
 *   LINE_OF(x)    our name x, LINE_OP(x) the processor's
 *   LINE_LOAD, LINE_STORE, LINE_STREAM (past the caches), LINE_LUMA, LINE_OR   see there
 *   LINE_FIRST, LINE_SECOND   of two vectors that were unpacked: what comes first in memory, and then
 *   LINE_TARGET   what the functions may use */
#define LINE_STEP LINE_TARGET static inline __attribute__((always_inline))

/* At 32 a step. */
struct LINE_OF(mixed) {
    LINE_VEC r, g, b;
};

LINE_STEP LINE_VEC LINE_OF(times)(LINE_VEC v, int16_t share)
{
    return LINE_OP(mulhi_epi16)(v, LINE_OP(set1_epi16)(share));
}

LINE_STEP struct LINE_OF(mixed) LINE_OF(mix)(LINE_VEC y, LINE_VEC u, LINE_VEC v)
{
    LINE_VEC less =
        LINE_OP(add_epi16)(LINE_OF(times)(u, LINE_GREEN_U), LINE_OF(times)(v, LINE_GREEN_V));

    return (struct LINE_OF(mixed)){
        .r = LINE_OP(add_epi16)(y, LINE_OF(times)(v, LINE_RED_V)),
        .g = LINE_OP(sub_epi16)(y, less),
        .b = LINE_OP(add_epi16)(y, LINE_OF(times)(u, LINE_BLUE_U)),
    };
}

LINE_STEP LINE_VEC LINE_OF(blend)(const struct line_pair *pair, size_t at)
{
    LINE_VEC near = LINE_LOAD(pair->near + at);
    LINE_VEC more = LINE_OP(sub_epi16)(LINE_LOAD(pair->other + at), near);

    return LINE_OP(add_epi16)(near, LINE_OF(times)(more, pair->share));
}

/* 32 a step and half a step more. */
LINE_STEP LINE_VEC LINE_OF(luma)(const struct line_pair *y, const uint8_t *plain, size_t at)
{
    LINE_VEC it = plain != NULL ? LINE_OP(slli_epi16)(LINE_LUMA(plain + at), 5)
                                : LINE_OP(srai_epi16)(LINE_OF(blend)(y, at), 2);

    return LINE_OP(add_epi16)(it, LINE_OP(set1_epi16)(16));
}

/* The bytes of two vectors, kept within 0 to 255. */
LINE_STEP LINE_VEC LINE_OF(bytes)(LINE_VEC a, LINE_VEC b)
{
    return LINE_OP(packus_epi16)(LINE_OP(srai_epi16)(a, 5), LINE_OP(srai_epi16)(b, 5));
}

/* Of each half of the vectors the low eight bytes are a's, the high eight b's: so unpacking gives first
 * a's words, then b's. */
LINE_STEP void LINE_OF(put)(uint32_t *out, bool past, LINE_VEC low, LINE_VEC high)
{
    LINE_VEC a = LINE_OP(unpacklo_epi16)(low, high), b = LINE_OP(unpackhi_epi16)(low, high);

    if (past) {
        LINE_STREAM(out, LINE_FIRST(a, b));
        LINE_STREAM(out + LINE_WIDE / 2, LINE_SECOND(a, b));
    } else {
        LINE_STORE(out, LINE_FIRST(a, b));
        LINE_STORE(out + LINE_WIDE / 2, LINE_SECOND(a, b));
    }
}

LINE_STEP void LINE_OF(put_two)(uint32_t *out, bool past, struct LINE_OF(mixed) x,
                                struct LINE_OF(mixed) y)
{
    LINE_VEC b = LINE_OF(bytes)(x.b, y.b), g = LINE_OF(bytes)(x.g, y.g);
    LINE_VEC r = LINE_OF(bytes)(x.r, y.r), none = LINE_OP(set1_epi16)(0);

    LINE_OF(put)(out, past, LINE_OP(unpacklo_epi8)(b, g), LINE_OP(unpacklo_epi8)(r, none));
    LINE_OF(put)
    (out + LINE_WIDE, past, LINE_OP(unpackhi_epi8)(b, g), LINE_OP(unpackhi_epi8)(r, none));
}

/* At 32 a step, within 0 to 255 of them. */
LINE_STEP LINE_VEC LINE_OF(kept)(LINE_VEC v)
{
    v = LINE_OP(max_epi16)(v, LINE_OP(set1_epi16)(0));
    return LINE_OP(min_epi16)(v, LINE_OP(set1_epi16)(255 << 5 | 31));
}

LINE_STEP void LINE_OF(put_565)(uint16_t *out, struct LINE_OF(mixed) c)
{
    LINE_VEC red = LINE_OP(slli_epi16)(LINE_OP(srli_epi16)(LINE_OF(kept)(c.r), 8), 11);
    LINE_VEC green = LINE_OP(slli_epi16)(LINE_OP(srli_epi16)(LINE_OF(kept)(c.g), 7), 5);

    LINE_STORE(out, LINE_OR(LINE_OR(red, green), LINE_OP(srli_epi16)(LINE_OF(kept)(c.b), 8)));
}

LINE_STEP struct LINE_OF(mixed)
    LINE_OF(some)(const struct line_pair *y, const uint8_t *plain, const struct line_pair *u,
                  const struct line_pair *v, size_t at)
{
    return LINE_OF(mix)(LINE_OF(luma)(y, plain, at), LINE_OF(blend)(u, at), LINE_OF(blend)(v, at));
}

LINE_STEP void LINE_OF(run)(uint32_t *out, bool past, const struct line_pair *y,
                            const uint8_t *plain, const struct line_pair *u,
                            const struct line_pair *v, size_t width)
{
    const size_t end = line_room(width);

    for (size_t i = 0; i < end; i += 2 * LINE_WIDE)
        LINE_OF(put_two)
    (out + i, past, LINE_OF(some)(y, plain, u, v, i), LINE_OF(some)(y, plain, u, v, i + LINE_WIDE));
}

LINE_STEP void LINE_OF(run_565)(uint16_t *out, const struct line_pair *y, const uint8_t *plain,
                                const struct line_pair *u, const struct line_pair *v, size_t width)
{
    const size_t end = line_room(width);

    for (size_t i = 0; i < end; i += LINE_WIDE)
        LINE_OF(put_565)(out + i, LINE_OF(some)(y, plain, u, v, i));
}

LINE_TARGET static void LINE_OF(double)(int16_t *row, const uint8_t *samples, size_t width,
                                        int16_t bias)
{
    const size_t end = line_room(width);

    for (size_t i = 0; i < end; i += LINE_WIDE) {
        const uint8_t *s = samples + i;
        LINE_VEC here = LINE_OP(mullo_epi16)(LINE_LUMA(s), LINE_OP(set1_epi16)(LINE_ONE / 4 * 3));
        LINE_VEC before = LINE_OP(slli_epi16)(LINE_LUMA(s - 1), 5);
        LINE_VEC after = LINE_OP(slli_epi16)(LINE_LUMA(s + 1), 5);

        here = LINE_OP(sub_epi16)(here, LINE_OP(set1_epi16)(bias));
        before = LINE_OP(add_epi16)(before, here);
        after = LINE_OP(add_epi16)(after, here);
        here = LINE_OP(unpacklo_epi16)(before, after);
        after = LINE_OP(unpackhi_epi16)(before, after);
        LINE_STORE(row + 2 * i, LINE_FIRST(here, after));
        LINE_STORE(row + 2 * i + LINE_WIDE, LINE_SECOND(here, after));
    }
}

/* A loop for each, none of which asks again. What was just written by halves must not be read in one:
 * the processor would first finish all writing, that of pixels, too. */
LINE_TARGET static void LINE_OF(colour)(void *out, enum line_kind kind, const struct line_source *s,
                                        size_t width)
{
    const uint8_t *plain = s->plain;
    const struct line_pair y = {s->y.near, s->y.other, s->y.share};
    const struct line_pair u = {s->u.near, s->u.other, s->u.share};
    const struct line_pair v = {s->v.near, s->v.other, s->v.share};

    if (plain != NULL && kind == LINE_565)
        LINE_OF(run_565)(out, NULL, plain, &u, &v, width);
    else if (plain != NULL && kind == LINE_32_PAST)
        LINE_OF(run)(out, true, NULL, plain, &u, &v, width);
    else if (plain != NULL)
        LINE_OF(run)(out, false, NULL, plain, &u, &v, width);
    else if (kind == LINE_565)
        LINE_OF(run_565)(out, &y, NULL, &u, &v, width);
    else if (kind == LINE_32_PAST)
        LINE_OF(run)(out, true, &y, NULL, &u, &v, width);
    else
        LINE_OF(run)(out, false, &y, NULL, &u, &v, width);
}

#undef LINE_STEP
#undef LINE_VEC
#undef LINE_WIDE
#undef LINE_OF
#undef LINE_OP
#undef LINE_LOAD
#undef LINE_STORE
#undef LINE_LUMA
#undef LINE_OR
#undef LINE_STREAM
#undef LINE_FIRST
#undef LINE_SECOND
#undef LINE_TARGET
