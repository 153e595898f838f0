/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure files (wire*.c, seq.c) may use: fixed-width types, byte order,
 * string and error names, in the module and in user space alike. No
 * allocation, no locks, no time, no I/O.
 */
#ifndef XHA_WIRE_OS_H
#define XHA_WIRE_OS_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/stddef.h>
#include <asm/byteorder.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <endian.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef int32_t s32;

#define cpu_to_be16(v)	((__be16)htobe16(v))
#define cpu_to_be32(v)	((__be32)htobe32(v))
#define cpu_to_be64(v)	((__be64)htobe64(v))
#define be16_to_cpu(v)	be16toh((uint16_t)(v))
#define be32_to_cpu(v)	be32toh((uint32_t)(v))
#define be64_to_cpu(v)	be64toh((uint64_t)(v))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#ifndef U32_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define S64_MAX		INT64_MAX
#endif
#define min_t(t, a, b)	((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define max_t(t, a, b)	((t)(a) > (t)(b) ? (t)(a) : (t)(b))
#define fallthrough	__attribute__((__fallthrough__))
#define div_s64(a, b)	((s64)(a) / (s32)(b))
#define sizeof_field(t, m)	sizeof(((t *)0)->m)
#endif

/* A memset() that the compiler keeps, for memory that may hold keys. */
static inline void wire_wipe(void *p, size_t len)
{
#ifdef __KERNEL__
	memzero_explicit(p, len);
#else
	explicit_bzero(p, len);
#endif
}

#endif /* XHA_WIRE_OS_H */
