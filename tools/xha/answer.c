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
 * xha_answer_array - an array of an object
 * @o: the object
 * @key: which
 *
 * Return: it, owned by @o, or NULL where there is none.
 */
struct json_object *xha_answer_array(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_array))
		return NULL;
	return v;
}

/**
 * xha_answer_pick - an object with some keys of another one
 * @from: the other one
 * @keys: which; those it lacks are left out
 * @n: number of @keys
 *
 * Return: the object, the caller's; its values are shared.
 */
struct json_object *xha_answer_pick(struct json_object *from,
				    const char *const *keys, size_t n)
{
	struct json_object *o = json_object_new_object(), *v;
	size_t i;

	for (i = 0; i < n; i++)
		if (json_object_object_get_ex(from, keys[i], &v))
			json_object_object_add(o, keys[i], json_object_get(v));
	return o;
}

/**
 * xha_answer_json - print an object as one line
 * @o: the object
 *
 * Return: %XHA_OK.
 */
int xha_answer_json(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	return XHA_OK;
}

/**
 * xha_answer_print_state - print the state of an election, and since when
 * @election: of HSRP or VRRP
 */
void xha_answer_print_state(struct json_object *election)
{
	long long changed = xha_answer_number(election, "last_change_ms");

	printf("  State is %s\n", xha_answer_text(election, "state"));
	printf("    %lld state changes, last state change %lld.%03lld s ago\n",
	       xha_answer_number(election, "state_changes"), changed / 1000,
	       changed % 1000);
}

/**
 * xha_answer_print_vips - print the VIPs of an election or an interface
 * @o: what has them
 * @indent: begins each line
 */
void xha_answer_print_vips(struct json_object *o, const char *indent)
{
	struct json_object *vips = xha_answer_array(o, "vips");
	size_t i;

	for (i = 0; vips && i < json_object_array_length(vips); i++)
		printf("%sVirtual IP address is %s\n", indent,
		       json_object_get_string(json_object_array_get_idx(vips, i)));
}

/**
 * xha_answer_print_mac - print which MAC address an election's VIPs have
 * @election: of HSRP or VRRP
 */
void xha_answer_print_mac(struct json_object *election)
{
	const char *mac = xha_answer_text(election, "virtual_mac");

	if (xha_answer_flag(election, "use_bia"))
		printf("  Virtual MAC address is %s, not in use (bia)\n", mac);
	else
		printf("  Virtual MAC address is %s on %s\n", mac,
		       xha_answer_text(election, "vip_interface"));
}

/**
 * xha_answer_print_missing - print how many VIPs an active node lacks, if any
 * @group: the group
 */
void xha_answer_print_missing(struct json_object *group)
{
	long long missing = xha_answer_number(group, "vips_missing");

	if (missing)
		printf("  Virtual IP addresses that could not be added: %lld\n",
		       missing);
}

/**
 * xha_answer_print_bad - print which packets an election refused, and how many
 * @election: of HSRP or VRRP
 * @all: kinds of which there were none, too
 */
void xha_answer_print_bad(struct json_object *election, bool all)
{
	struct json_object *bad;

	if (!json_object_object_get_ex(election, "bad", &bad) ||
	    !json_object_is_type(bad, json_type_object))
		return;
	json_object_object_foreach(bad, reason, count) {
		long long n = json_object_get_int64(count);

		if (n || all)
			printf("    refused, %s: %lld\n", reason, n);
	}
}
