// SPDX-License-Identifier: GPL-2.0-only
/* What xhad answers, read by key. */
#include <stdio.h>

#include <json-c/json.h>

#include "xha.h"

/**
 * xha_answer_text - a word of an object
 * @o: the object
 * @key: which
 *
 * Return: it, owned by @o, or "unknown" where there is none.
 */
const char *xha_answer_text(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) || !v)
		return "unknown";
	return json_object_get_string(v);
}

/**
 * xha_answer_number - a number of an object
 * @o: the object
 * @key: which
 *
 * Return: it, or 0 where there is none.
 */
long long xha_answer_number(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ?
	       json_object_get_int64(v) : 0;
}

/**
 * xha_answer_flag - a flag of an object
 * @o: the object
 * @key: which
 *
 * Return: whether it is there and set.
 */
bool xha_answer_flag(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	       json_object_get_boolean(v);
}

/**
 * xha_answer_print_bad - print which packets an election refused, and how many
 * @election: of HSRP or VRRP
 */
void xha_answer_print_bad(struct json_object *election)
{
	struct json_object *bad;

	if (!json_object_object_get_ex(election, "bad", &bad) ||
	    !json_object_is_type(bad, json_type_object))
		return;
	json_object_object_foreach(bad, reason, count) {
		long long n = json_object_get_int64(count);

		if (n)
			printf("    refused, %s: %lld\n", reason, n);
	}
}
