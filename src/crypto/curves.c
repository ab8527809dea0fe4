#include "crypto/curves.h"

/* BearSSL's own table also has P-384 and P-521, and it offers whatever its table has. */
static const unsigned char *curves_generator(int curve, size_t *len)
{
    return br_ec_get_default()->generator(curve, len);
}

static const unsigned char *curves_order(int curve, size_t *len)
{
    return br_ec_get_default()->order(curve, len);
}

static size_t curves_x_offset(int curve, size_t *len)
{
    return br_ec_get_default()->xoff(curve, len);
}

static uint32_t curves_multiply(unsigned char *g, size_t g_len, const unsigned char *x,
                                size_t x_len, int curve)
{
    return br_ec_get_default()->mul(g, g_len, x, x_len, curve);
}

static size_t curves_multiply_generator(unsigned char *r, const unsigned char *x, size_t x_len,
                                        int curve)
{
    return br_ec_get_default()->mulgen(r, x, x_len, curve);
}

static uint32_t curves_multiply_add(unsigned char *a, const unsigned char *b, size_t len,
                                    const unsigned char *x, size_t x_len, const unsigned char *y,
                                    size_t y_len, int curve)
{
    return br_ec_get_default()->muladd(a, b, len, x, x_len, y, y_len, curve);
}

static const br_ec_impl table = {
    .supported_curves = UINT32_C(1) << BR_EC_curve25519 | UINT32_C(1) << BR_EC_secp256r1,
    .generator = curves_generator,
    .order = curves_order,
    .xoff = curves_x_offset,
    .mul = curves_multiply,
    .mulgen = curves_multiply_generator,
    .muladd = curves_multiply_add,
};

const br_ec_impl *curves_get(void)
{
    return &table;
}
