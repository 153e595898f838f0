/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's headers have and a program lacks. */
#ifndef XHA_UTIL_H
#define XHA_UTIL_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#ifndef __printf
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#endif

#endif /* XHA_UTIL_H */
